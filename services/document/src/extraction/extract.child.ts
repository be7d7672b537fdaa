import { Console } from 'node:console';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Block, PageProgress, PageStream } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import type { ExtractionAnswer, ExtractionOrder } from './extraction.wire.ts';
import { detectLanguage } from './language.ts';

const LANGUAGE_SAMPLE_CHARACTERS = 20_000;
const BLOCKS_PER_LINE = 200;

const order = JSON.parse(process.argv[2] ?? '') as ExtractionOrder;

const answer = (value: ExtractionAnswer) => process.stdout.write(`${JSON.stringify(value)}\n`);

const readInput = async (): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

/** Loads only the library the type needs; nothing is read from the file until the first page is asked for. */
const openReader = async (bytes: Buffer, onProgress: (progress: PageProgress) => void): Promise<PageStream> => {
  if (order.type === 'pdf') return (await import('./pdf.extract.ts')).extractPdf(bytes, order.limits, onProgress);
  if (order.type === 'docx') return (await import('./docx.extract.ts')).extractDocx(bytes, order.limits);
  return (await import('./text.extract.ts')).extractText(bytes, order.type);
};

const textOf = ({ heading, text }: Block) => (heading === undefined ? text : `${heading}\n${text}`);

const tooMuchText = () => {
  const reason = `The file holds more than ${order.limits.maxTextBytes / 2 ** 20} MB of text. Split it into smaller files.`;
  return new ExtractionError('document.too_large_inside', reason);
};

const noText = () =>
  order.type === 'pdf'
    ? new ExtractionError(
        'document.no_text',
        'The PDF holds pictures of pages but no text. Run text recognition (OCR) on it and upload the result.',
      )
    : new ExtractionError('document.empty', 'There is no text in the file. Add some and upload it again.');

const readAll = async (pages: PageStream): Promise<void> => {
  let textBytes = 0;
  let sample = '';
  let hasText = false;
  let step = await pages.next();
  for (; !step.done; step = await pages.next()) {
    const { number, blocks } = step.value;
    for (const text of blocks.map(textOf)) {
      textBytes += Buffer.byteLength(text);
      hasText ||= /[\p{L}\p{N}]/u.test(text);
      if (sample.length < LANGUAGE_SAMPLE_CHARACTERS) sample += `${text}\n`;
    }
    if (textBytes > order.limits.maxTextBytes) throw tooMuchText();
    for (let at = 0; at === 0 || at < blocks.length; at += BLOCKS_PER_LINE) {
      answer({ kind: 'blocks', page: number, blocks: blocks.slice(at, at + BLOCKS_PER_LINE) });
    }
  }
  if (!hasText) throw noText();
  answer({ kind: 'done', ...step.value, language: detectLanguage(sample) });
};

const asRefusal = (error: unknown): ExtractionError => {
  if (error instanceof ExtractionError) return error;
  process.stderr.write(`${inspect(error)}\n`);
  return error instanceof RangeError
    ? new ExtractionError(
        'document.too_large_inside',
        'The file is nested too deeply to be read. Save it in a simpler form and upload that.',
      )
    : new ExtractionError(
        'document.damaged',
        'The file cannot be read. Open it, save it again and upload the new copy.',
      );
};

// Libraries print warnings; standard output carries answers only.
globalThis.console = new Console(process.stderr);
// A thread of its own, because a parser that spins never gives the main thread back to a timer.
new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${order.lifetimeMs})`, { eval: true }).unref();

const bytes = await readInput();
const pages = await openReader(bytes, (progress) => answer({ kind: 'progress', ...progress }));
// From here on a failure is the file's; before, it is ours and worth another try.
answer({ kind: 'ready' });
try {
  if (bytes.length === 0) throw new ExtractionError('document.empty', 'The file is empty. Upload it again.');
  await readAll(pages);
} catch (error) {
  const { code, message: reason } = asRefusal(error);
  answer({ kind: 'failed', code, reason });
}
