import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const PREFIX = 'virtual:graphiql';
const FONT_URL = /url\(["']?data:font\/(\w+);base64,([A-Za-z0-9+/=]+)["']?\)/g;

/**
 * GraphiQL's package holds its files as texts in one module. This plugin makes them files of the build: a script and a style sheet to
 * import, and an asset for each worker and font. A page fetches only the fonts that it needs.
 */
export function graphiqlBundle(): Plugin {
  return {
    name: 'graphiql-bundle',
    apply: 'build',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const bundle = await import('@graphql-yoga/render-graphiql/graphiql');
      if (id.endsWith('.js')) return bundle.js;
      if (id.endsWith('.css')) return bundle.css;
      const emit = (label: string, source: string): string => {
        const fileName = nameOf(label, 'js', source);
        this.emitFile({ type: 'asset', fileName, source });
        return `/${fileName}`;
      };
      const workers = {
        editorWorkerService: emit('editor', bundle.editorWorkerService),
        json: emit('json', bundle.jsonWorker),
        graphql: emit('graphql', bundle.graphqlWorker),
      };
      return `export const workers = ${JSON.stringify(workers)};`;
    },
    generateBundle(_, files) {
      for (const file of Object.values(files)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
        file.source = file.source.toString().replace(FONT_URL, (_, format: string, base64: string) => {
          const source = Buffer.from(base64, 'base64');
          const fileName = nameOf('font', format, source);
          this.emitFile({ type: 'asset', fileName, source });
          return `url(/${fileName})`;
        });
      }
    },
  };
}

function nameOf(label: string, extension: string, source: string | Buffer): string {
  const digest = createHash('sha256').update(source).digest('base64url').slice(0, 8);
  return `assets/${label}-${digest}.${extension}`;
}
