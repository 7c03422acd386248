/**
 * Prints the SQL that changes a migrated database into what `schema.prisma` describes. Prints nothing if they agree.
 * Runs Prisma's schema engine as WebAssembly, so it works where its native build cannot be downloaded.
 *
 *   npm run migration:diff -- DATABASE_URL
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const SCHEMA_FILE = new URL('./schema.prisma', import.meta.url);
const CHAR_OID = 18;
const TEXT_OID = 25;

type WasmExports = Record<'__wbindgen_start', () => void>;
type EngineModule = typeof SchemaEngineModule & { __wbg_set_wasm(wasm: WasmExports): void };
interface WebAssemblyGlobal {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: WasmExports } }>;
}

let engine: Promise<EngineModule> | undefined;

/** The engine. Its module has one instance; a second one would read the memory of the first. */
function loadEngine(): Promise<EngineModule> {
  engine ??= instantiateEngine();
  return engine;
}

async function instantiateEngine(): Promise<EngineModule> {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const module = (await import(pathToFileURL(file).href)) as EngineModule;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyGlobal };
  const bytes = await readFile(file.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': module });
  module.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return module;
}

/** The engine reads catalog columns of type "char", which the adapter does not know. They are passed as text. */
class CatalogAdapter extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    const pool = adapter.underlyingDriver();
    const send = pool.query.bind(pool) as (query: pg.QueryConfig) => Promise<pg.QueryResult>;
    const queryRaw = adapter.queryRaw.bind(adapter);
    let charColumns: number[] = [];
    const query = async (config: pg.QueryConfig): Promise<pg.QueryResult> => {
      const result = await send(config);
      charColumns = result.fields.flatMap((field, i) => (field.dataTypeID === CHAR_OID ? [i] : []));
      for (const i of charColumns) (result.fields[i] as pg.FieldDef).dataTypeID = TEXT_OID;
      return result;
    };
    Object.assign(pool, { query });
    adapter.queryRaw = async (sql: SqlQuery): Promise<SqlResultSet> => {
      const result = await queryRaw(sql);
      for (const i of charColumns) result.columnTypes[i] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  }
}

/** SQL from the database at `url` to `schema.prisma`; blank if they agree. */
export async function diffSchema(url: string): Promise<string> {
  const { SchemaEngine } = await loadEngine();
  const content = await readFile(SCHEMA_FILE, 'utf8');
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    const schemaEngine = await SchemaEngine.new(
      { datamodels: [['schema.prisma', content]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(new CatalogAdapter(pool)),
    );
    const files = [{ path: 'schema.prisma', content }];
    const result = await schemaEngine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    });
    const sql = result.stdout ?? '';
    return sql.startsWith('-- This is an empty migration') ? '' : sql;
  } finally {
    await pool.end();
  }
}

const url = process.argv[2];
if (url && import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await diffSchema(url));
