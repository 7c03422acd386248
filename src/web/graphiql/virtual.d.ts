// What graphiql/bundle.ts makes of GraphiQL's package.

declare module 'virtual:graphiql.js' {
  export function renderYogaGraphiQL(element: HTMLElement, options: object): void;
}

declare module 'virtual:graphiql.css';

declare module 'virtual:graphiql-workers' {
  /** Addresses of the editor's workers, by the label that the editor asks for. */
  export const workers: Readonly<Record<string, string>>;
}
