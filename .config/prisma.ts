import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// `prisma generate` looks for a schema engine that it does not use. Naming any existing file keeps it from
// downloading one, so that generating needs no network. Migrations are applied by the service itself.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(import.meta.url);

export default defineConfig({ schema: '../prisma/schema.prisma' });
