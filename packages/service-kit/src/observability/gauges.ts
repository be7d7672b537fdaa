import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** One value of one gauge. Labels are of few kinds each; never a workspace or a person. */
export interface GaugeSample {
  readonly name: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Gauges that are read together, when somebody scrapes. */
export interface GaugeSource {
  /** What it fills, by name. */
  readonly gauges: Readonly<Record<string, { readonly help: string; readonly labels?: readonly string[] }>>;
  read(): Promise<readonly GaugeSample[]> | readonly GaugeSample[];
}

/** A scrape waits no longer than this; what is not there by then is left out rather than told stale. */
const READ_MS = 1_000;
/** Several that scrape at once cost one reading. */
const FRESH_MS = 2_000;

const withinTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${READ_MS} ms`)), READ_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** Adds gauges to a role's metrics; each source is read at most once in two seconds, and never twice at once. */
export const addGauges = (metrics: Metrics, sources: readonly GaugeSource[], log: Logger): void => {
  for (const source of sources) {
    const names = Object.keys(source.gauges);
    let running: Promise<readonly GaugeSample[]> | undefined;
    let last: { at: number; samples: Promise<readonly GaugeSample[]> } | undefined;
    const begin = (): Promise<readonly GaugeSample[]> =>
      (running ??= Promise.resolve()
        .then(() => source.read())
        .finally(() => (running = undefined)));
    const read = (): Promise<readonly GaugeSample[]> => {
      if (last && Date.now() - last.at < FRESH_MS) return last.samples;
      const samples = withinTime(begin()).catch((error: unknown) => {
        log.debug({ err: error, gauges: names }, 'gauges could not be read');
        for (const name of names) metrics.unread.inc({ gauge: name });
        return [];
      });
      last = { at: Date.now(), samples };
      return samples;
    };
    for (const [name, { help, labels = [] }] of Object.entries(source.gauges)) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers: [metrics.registry],
        async collect() {
          const samples = await read();
          gauge.reset();
          for (const sample of samples) if (sample.name === name) gauge.set(sample.labels ?? {}, sample.value);
          // `reset` leaves a 0 where there are no labels, and a value that was not read is not 0.
          if (labels.length === 0 && !samples.some((sample) => sample.name === name)) gauge.remove();
        },
      });
    }
  }
};

/**
 * Runs a query for gauges with a short limit of its own. It has no tenant, so of tables with row-level security it
 * sees only what a function of `createTotals` tells.
 */
export const readTotals = <Row>(db: DataSource, sql: string): Promise<Row[]> =>
  db.transaction(async (manager) => {
    await manager.query(`select set_config('statement_timeout', '${READ_MS}', true)`);
    return manager.query<Row[]>(sql);
  });
