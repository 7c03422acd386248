import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/*
 * What fan-out costs where nothing else is done: a server of `ws` that sends the same bytes to every socket. POST the
 * bytes to /?times=40. The first line it prints is its port.
 */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const message = Buffer.concat(chunks);
  const times = Number(new URL(request.url ?? '/', 'http://bare').searchParams.get('times'));
  for (let i = 0; i < times; i += 1) {
    for (const socket of sockets.clients) socket.send(message, { binary: false });
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
    if (String(data).includes('connection_init')) socket.send('{"type":"connection_ack"}');
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
