import { Client, cacheExchange, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { authorization, refuse } from '../access/token.ts';
import { serviceAnswered, serviceAway } from '../connection/status.ts';
import { codeOf } from './code.ts';
import { socket } from './socket.ts';

/** The client of the public API. The page gets all its data through it. */
export const client = new Client({
  url: '/graphql',
  preferGetMethod: 'within-url-limit', // so that an unchanged answer costs a 304
  // Whole answers only: streams go over the socket.
  fetchOptions: () => ({
    headers: { accept: 'application/graphql-response+json, application/json', ...authorization() },
  }),
  exchanges: [
    mapExchange({
      onError: (error) => {
        if (codeOf(error) === 'UNAUTHENTICATED') refuse(error.message.replace(/^\[GraphQL\] /, ''));
      },
    }),
    cacheExchange,
    // After the cache, so that it sees only answers of the service.
    mapExchange({
      onResult({ operation, error }) {
        if (operation.kind === 'subscription') return;
        if (error?.networkError) serviceAway();
        else serviceAnswered();
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe(
            { query, variables: variables ?? {} },
            {
              next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
              error: (cause) =>
                sink.error(Array.isArray(cause) ? cause : new Error('The connection was lost.', { cause })),
              // A stream of changes has no regular end, so one that ends is resumed.
              complete: () => sink.error(new Error('The service ended the stream.')),
            },
          ),
        }),
      }),
    }),
  ],
});
