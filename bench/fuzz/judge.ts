const EXAMPLES_MAX = 20;
/** What no answer may contain: a stack, a path, SQL. */
const LEAK =
  /\bat \S+ \(?(?:file:|\/|node:)|node_modules|\bSELECT .{0,200}\bFROM\b|\bINSERT INTO\b|PrismaClient|pg_catalog/;

/** What was asked and how it was answered, as a report keeps it. */
export interface Exchange {
  readonly sent: string;
  readonly status: number;
  readonly body: string;
}

/** Counts what came back, and keeps what must not. */
export class Judge {
  readonly counts = new Map<string, number>();
  readonly faults: string[] = [];

  fault(what: string, example: string): void {
    if (this.faults.length < EXAMPLES_MAX) this.faults.push(`${what}: ${example.slice(0, 1_500)}`);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  http({ sent, status, body }: Exchange): void {
    this.count(`HTTP ${status}`);
    const example = `${sent} → ${status} ${body.slice(0, 500)}`;
    if (status >= 500 && !(status === 503 && body.includes('"UNAVAILABLE"'))) this.fault('a 5xx', example);
    this.text(sent, body);
  }

  /** A body or a message, whatever the transport. */
  text(sent: string, body: string): void {
    for (const [, code] of body.matchAll(/"code":"([A-Z_]+)"/g)) this.count(`code ${code}`);
    if (body.includes('"INTERNAL"')) this.fault('an unexpected error', `${sent} → ${body.slice(0, 500)}`);
    if (LEAK.test(body)) this.fault('a leak', `${sent} → ${LEAK.exec(body)?.[0]}`);
  }

  close(code: number, sent: string): void {
    this.count(`close ${code}`);
    if (code === 1011 || code === 4500) this.fault(`a socket closed with ${code}`, sent);
  }
}
