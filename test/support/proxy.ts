import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../bench/chaos/service.ts';

/** A reverse proxy in a process of its own. */
export interface ProxyServer {
  /** `http://localhost:8080` */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Where Debian's packages put programs, which is not on everybody's path. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
const pathOf = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find(existsSync);

export const NGINX = pathOf('nginx');
export const CADDY = pathOf('caddy');

/** @param location the lines that stand in its `server` block. */
export function startNginx(location: string): Promise<ProxyServer> {
  const listensWhen = /nginx\/\d/; // it tells its version when its sockets are open
  return start(NGINX, listensWhen, (folder, port) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join(' ');
    const text = `
      daemon off;
      master_process off;
      pid ${folder}/nginx.pid;
      error_log stderr notice;
      events {}
      http {
        access_log off;
        ${temporary}
        server { listen 127.0.0.1:${port}; ${location} }
      }`;
    return { text, args: (file) => ['-p', folder, '-e', 'stderr', '-c', file] };
  });
}

/** @param site a Caddyfile, for the address `readout.example`. */
export function startCaddy(site: string): Promise<ProxyServer> {
  return start(CADDY, /serving initial configuration/, (_, port) => ({
    text: `{\n admin off\n}\n${site.replace('readout.example', `http://localhost:${port}`)}`,
    args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  }));
}

/** @param upstreams the addresses of the services that it balances, such as `127.0.0.1:4001`. */
export function startComposedCaddy(upstreams: readonly string[]): Promise<ProxyServer> {
  return start(CADDY, /serving initial configuration/, (_, port) => ({
    text: readFileSync(new URL('../../.config/Caddyfile', import.meta.url), 'utf8'),
    args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
    env: { BALANCE: 'processes', UPSTREAMS: upstreams.join(' '), LISTEN: `:${port}` },
  }));
}

interface Configuration {
  readonly text: string;
  args(file: string): string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function start(
  program: string | undefined,
  listensWhen: RegExp,
  configure: (folder: string, port: number) => Configuration,
): Promise<ProxyServer> {
  if (program === undefined) throw new Error('this proxy is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'readout-proxy-'));
  const port = await freePort();
  const { text, args, env } = configure(folder, port);
  const file = join(folder, 'configuration');
  await writeFile(file, text);
  const child = spawn(program, args(file), {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      if (listensWhen.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(`${program} ended before it listened:\n${said}`)));
  });
  return {
    origin: `http://localhost:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
