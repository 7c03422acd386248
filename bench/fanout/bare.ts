import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/*
 * What fan-out costs where nothing else is done: a server of `ws` that sends the same bytes to every socket that follows
 * a topic. POST the bytes to /?to=peace,truce&to=trade, which is two messages; to= reaches those who follow everything.
 * The first line it prints is its port.
 */
interface Message {
  readonly type: string;
  readonly payload?: { readonly variables?: { readonly topic?: string } };
}

const followers = new Map<string, Set<WebSocket>>();
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const message = Buffer.concat(chunks);
  for (const to of new URL(request.url ?? '/', 'http://bare').searchParams.getAll('to')) {
    for (const topic of to.split(',')) {
      for (const socket of followers.get(topic) ?? []) socket.send(message, { binary: false });
    }
    await new Promise((resolve) => setImmediate(resolve)); // as messages come: one after the other
  }
  response.end();
});
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  handleProtocols: () => 'graphql-transport-ws',
});
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data)) as Message;
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type !== 'subscribe') return;
    const topic = payload?.variables?.topic ?? '';
    const set = followers.get(topic) ?? new Set();
    followers.set(topic, set.add(socket));
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
