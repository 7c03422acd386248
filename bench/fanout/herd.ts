import { connect, type Socket } from 'node:net';

/*
 * Many sockets that subscribe and count the frames they are sent, by their headers alone.
 * Arguments: port, how many, the subscription, how many topics they follow in turn as its `$topic`. Prints `ready`, then for every line `arm N` on its input
 * `done NANOSECONDS` when N more frames have come, and for `sample` the last frame's text.
 */
const [portText, countText, query, topicsText] = process.argv.slice(2) as [string, string, string, string];
const topics = Number(topicsText);
const CONNECTING_MAX = 50;
const OPCODE_TEXT = 1;
const OPCODE_PING = 9;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]); // masked with zeros

let frames = 0;
let target = Number.POSITIVE_INFINITY;
let sample = '';

function clientFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = 0x81;
  header[1] = 0x80 | 126; // masked with zeros
  header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
}

/** Counts the text frames in what a socket receives, however it is cut into chunks. */
class FrameCounter {
  #rest = Buffer.alloc(0);
  #skip = 0;

  take(chunk: Buffer, onFrame: (length: number, at: number, data: Buffer) => void, onPing: () => void): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = Buffer.alloc(0);
    let at = 0;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, data.length);
      this.#skip -= skipped;
      at = skipped;
    }
    while (at < data.length) {
      const short = (data[at + 1] ?? 0) & 127;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (data.length - at < header) break;
      const length =
        short === 126
          ? data.readUInt16BE(at + 2)
          : short === 127
            ? Number(data.readBigUInt64BE(at + 2))
            : short;
      const opcode = (data[at] ?? 0) & 15;
      if (opcode === OPCODE_TEXT) onFrame(length, at + header, data);
      else if (opcode === OPCODE_PING) onPing();
      at += header + length;
    }
    if (at > data.length) this.#skip = at - data.length;
    else if (at < data.length) {
      data = data.subarray(at);
      this.#rest = Buffer.from(data);
    }
  }
}

function payloadOf(index: number): object {
  return topics > 0 ? { query, variables: { topic: `topic-${index % topics}` } } : { query };
}

function open(index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(portText), '127.0.0.1');
    const counter = new FrameCounter();
    let state: 'upgrading' | 'initialising' | 'following' = 'upgrading';
    let head = '';
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    socket.on('data', (chunk) => {
      if (state === 'following') {
        const count = (length: number, at: number, data: Buffer): void => {
          frames += 1;
          if (sample === '' && at + length <= data.length) {
            sample = data.toString('utf8', at, at + length);
            if (sample.includes('"type":"error"')) throw new Error(`refused: ${sample}`);
          }
        };
        counter.take(chunk, count, () => socket.write(PONG));
        if (frames >= target) {
          target = Number.POSITIVE_INFINITY;
          console.log(`done ${process.hrtime.bigint()}`);
        }
        return;
      }
      head += chunk.toString('latin1');
      if (state === 'upgrading' && head.includes('\r\n\r\n')) {
        state = 'initialising';
        socket.write(clientFrame('{"type":"connection_init"}'));
      }
      if (state === 'initialising' && head.includes('connection_ack')) {
        state = 'following';
        socket.write(
          clientFrame(
            JSON.stringify({ id: crypto.randomUUID(), type: 'subscribe', payload: payloadOf(index) }),
          ),
        );
        resolve(socket);
      }
    });
  });
}

let opened = 0;
const wanted = Number(countText);
async function openSome(): Promise<void> {
  while (opened < wanted) {
    const index = opened;
    opened += 1;
    await open(index);
  }
}
await Promise.all(Array.from({ length: CONNECTING_MAX }, openSome));
console.log('ready');
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const line of text.split('\n').filter(Boolean)) {
    if (line === 'sample') console.log(`sample ${sample}`);
    else if (line.startsWith('arm ')) {
      target = frames + Number(line.slice(4));
      console.log('armed');
    }
  }
});
