import type { Database } from '../db/client.ts';
import { printSdl } from '../schema/print.ts';
import { type Route, sendJson } from './server.ts';

const READY_TIMEOUT_MS = 2_000;

/** `/health`: the process answers. `/ready`: it can also read the record. */
export function healthRoutes(db: Database): Route {
  return async (_, response, url) => {
    if (url.pathname === '/health') {
      sendJson(response, 200, { status: 'ok' });
      return true;
    }
    if (url.pathname !== '/ready') return false;
    const ready = await isReady(db);
    sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'the database does not answer' });
    return true;
  };
}

async function isReady(db: Database): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, READY_TIMEOUT_MS, false);
  });
  const answered = db.pool.query('SELECT 1').then(
    () => true,
    () => false, // whatever the reason, it is not ready; the log has the pool's errors
  );
  const ready = await Promise.race([answered, late]);
  clearTimeout(timer);
  return ready;
}

/** `/schema.graphql` */
export function sdlRoute(): Route {
  let sdl: string | undefined;
  return (_, response, url) => {
    if (url.pathname !== '/schema.graphql') return false;
    sdl ??= printSdl();
    response.writeHead(200, {
      'content-type': 'application/graphql; charset=utf-8',
      'cache-control': 'no-cache',
    });
    response.end(sdl);
    return true;
  };
}
