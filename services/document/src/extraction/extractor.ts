import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createAnswerReader } from './answer.reader.ts';
import type { ContentLimits, ExtractedDocument, FileType, PageProgress } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import type { ExtractionOrder } from './extraction.wire.ts';
import { watchMemory } from './memory.watch.ts';

export interface ExtractionLimits extends ContentLimits {
  timeoutMs: number;
  /** Resident memory of the child process, in MiB. */
  memoryMb: number;
}

const DEFAULT_LIMITS: ExtractionLimits = {
  timeoutMs: 15_000,
  memoryMb: 512,
  maxPages: 5_000,
  maxTextBytes: 32 * 2 ** 20,
  maxPartBytes: 32 * 2 ** 20,
  maxExpandedBytes: 256 * 2 ** 20,
  maxParts: 5_000,
};

export interface ExtractionOptions extends Partial<ExtractionLimits> {
  signal?: AbortSignal;
  onProgress?: (progress: PageProgress) => void;
}

const CHILD = fileURLToPath(new URL('./extract.child.ts', import.meta.url));
/** JSON adds quotes, escapes and names to the text. */
const ANSWER_OVERHEAD = 3;
const STDERR_BYTES = 4_096;

const startChild = (order: ExtractionOrder, memoryMb: number) =>
  // The permission model keeps a parser that is tricked from writing files or starting programs, and the empty
  // environment from finding secrets; a thread is allowed for the child's own deadline.
  spawn(
    process.execPath,
    [
      '--no-warnings',
      '--permission',
      '--allow-fs-read=*',
      '--allow-worker',
      `--max-old-space-size=${Math.floor(memoryMb * 0.75)}`,
      CHILD,
      JSON.stringify(order),
    ],
    { env: {}, stdio: ['pipe', 'pipe', 'pipe'] },
  );

/** People wait for answers; a document that is read a little later is fine. */
const giveWay = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or this system has no priorities: it is read all the same.
  }
};

const timedOut = (ms: number) =>
  new ExtractionError(
    'document.timeout',
    `Reading the file took longer than ${Math.round(ms / 1000)} s. Split it into smaller files or save it in a simpler form.`,
  );

const outOfMemory = () =>
  new ExtractionError(
    'document.too_large_inside',
    'Reading the file needs more memory than is allowed. Split it into smaller files.',
  );

const tooMuchOutput = () =>
  new ExtractionError(
    'document.too_large_inside',
    'The file holds more text than is allowed. Split it into smaller files.',
  );

/**
 * Reads documents in child processes, each held to a time, memory and output limit by being killed.
 *
 * `extract` takes a path, the bytes, or a stream of them. It rejects with `ExtractionError` when the file is at fault,
 * with the signal's reason when cancelled, and with another error (try again) when the source or the child failed.
 */
export const createExtractor = (defaults: Partial<ExtractionLimits> = {}) => ({
  async extract(
    source: string | Uint8Array | Readable,
    type: FileType,
    { signal, onProgress, ...overrides }: ExtractionOptions = {},
  ): Promise<ExtractedDocument> {
    signal?.throwIfAborted();
    const { timeoutMs, memoryMb, ...limits }: ExtractionLimits = { ...DEFAULT_LIMITS, ...defaults, ...overrides };
    const child = startChild({ type, limits, lifetimeMs: timeoutMs + 1_000 }, memoryMb);
    giveWay(child.pid);
    const answers = createAnswerReader(limits.maxTextBytes * ANSWER_OVERHEAD, onProgress);

    let stopped: unknown;
    const stop = (reason: unknown) => {
      stopped ??= reason;
      child.kill('SIGKILL');
    };
    const onAbort = () => stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const deadline = setTimeout(() => stop(timedOut(timeoutMs)), timeoutMs);
    const unwatch =
      child.pid === undefined ? () => {} : watchMemory(child.pid, memoryMb * 2 ** 20, () => stop(outOfMemory()));

    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-STDERR_BYTES)));
    child.stdout.on('data', (data: Buffer) => {
      try {
        if (!answers.push(data)) stop(tooMuchOutput());
      } catch (error) {
        stop(error);
      }
    });

    const input = openSource(source);
    const feeding = feed(input, child.stdin).catch(stop);
    try {
      const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      if (stopped !== undefined) throw stopped as Error;
      const result = answers.result();
      if (result instanceof ExtractionError) throw result;
      if (result !== null && code === 0) return result;
      if (/heap out of memory|Array buffer allocation failed/.test(stderr)) throw outOfMemory();
      if (killedBy === 'SIGKILL' && answers.started()) throw outOfMemory();
      throw new Error(`The extraction process ended by ${killedBy ?? `code ${code}`}; run the step again. ${stderr}`);
    } finally {
      clearTimeout(deadline);
      unwatch();
      signal?.removeEventListener('abort', onAbort);
      input.destroy();
      await feeding;
    }
  },
});

export type Extractor = ReturnType<typeof createExtractor>;

const openSource = (source: string | Uint8Array | Readable): Readable => {
  if (typeof source === 'string') return createReadStream(source);
  return source instanceof Readable ? source : Readable.from([source]);
};

/** Rejects only when the source fails: a child that ended early stops reading, and its own answer says why. */
const feed = async (input: Readable, stdin: Writable): Promise<void> => {
  stdin.on('error', () => stdin.destroy());
  for await (const bytes of input) {
    if (stdin.destroyed) return;
    if (!stdin.write(bytes)) await drained(stdin);
  }
  stdin.end();
};

const drained = (stdin: Writable) =>
  new Promise<void>((resolve) => {
    stdin.once('drain', resolve);
    stdin.once('close', resolve);
  });
