import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { freePort, ServiceProcess } from '../chaos/service.ts';
import { Lines } from '../measure.ts';
import { HEARD, HEARD_EVERY, makeInput } from './inputs.ts';

const MUTATION = 'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position } }';
const FIELDS = `cursor previous position statement {
  id slug text quote act said { edtf } speakers { slug name } topics { topic { slug } stance } source { slug title } }`;
const WAIT_MS = 60_000;

/** The clients of a service beside its writers. */
export interface Audience {
  readonly subscribers: number;
  /** Whether they follow everything, or one actor who says every hundredth statement. */
  readonly hearsAll: boolean;
}

/** A service in a process of its own, with subscribers in another, and writers that ask it over HTTP. */
export class MutationTarget {
  readonly #service: ServiceProcess;
  readonly #token: string;
  readonly #audience: Audience;
  readonly #agent: Agent;
  #herd: Lines | undefined;

  private constructor(service: ServiceProcess, token: string, audience: Audience, writers: number) {
    this.#service = service;
    this.#token = token;
    this.#audience = audience;
    this.#agent = new Agent({ keepAlive: true, maxSockets: writers });
  }

  static async start(databaseUrl: string, audience: Audience, writers: number): Promise<MutationTarget> {
    const token = randomUUID();
    const port = await freePort();
    const service = new ServiceProcess(port, {
      ...{ DATABASE_URL: databaseUrl, RECORDER_TOKEN: token, SEED: 'off', NODE_ENV: 'production' },
      LAG_MAX_MS: '60000', // the burst is what is measured, so none of it may be refused
    });
    await service.start();
    const target = new MutationTarget(service, token, audience, writers);
    if (audience.subscribers > 0) await target.#gather(port);
    return target;
  }

  get pid(): number {
    return this.#service.pid;
  }

  async #gather(port: number): Promise<void> {
    const filter = this.#audience.hearsAll ? '' : `(filter: { speakers: ["${HEARD}"] })`;
    const subscription = `subscription { statementAdded${filter} { ${FIELDS} } }`;
    const subscribers = String(this.#audience.subscribers);
    this.#herd = new Lines('fanout/herd.ts', String(port), subscribers, subscription);
    if ((await this.#herd.hear()) !== 'ready') throw new Error('the herd did not connect');
  }

  /** Records this many statements. Resolves when every subscriber has received what it follows. */
  async write(statements: number, writers: number): Promise<void> {
    const { subscribers, hearsAll } = this.#audience;
    const heard = hearsAll ? statements : Math.ceil(statements / HEARD_EVERY);
    this.#herd?.say(`arm ${heard * subscribers}`);
    await this.#herd?.hear();
    let n = 0;
    const work = async (): Promise<void> => {
      while (n < statements) {
        const input = makeInput(n);
        n += 1;
        await this.#send(JSON.stringify({ query: MUTATION, variables: { input } }));
      }
    };
    await Promise.all(Array.from({ length: writers }, work));
    await this.#delivered();
  }

  async #delivered(): Promise<void> {
    if (!this.#herd) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, WAIT_MS, new Error('not every subscriber received every statement'));
    });
    await Promise.race([this.#herd.hear(), late]);
    clearTimeout(timer);
  }

  #send(body: string): Promise<void> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const to = { agent: this.#agent, method: 'POST', headers };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#service.origin}/graphql`, to, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          if (text.startsWith('{"data":{"recordStatement":{')) resolve();
          else reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
        });
      });
      sent.on('error', reject).end(body);
    });
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#herd?.child.kill();
    await this.#service.end('SIGTERM');
  }
}
