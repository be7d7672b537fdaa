import type { ExtractedDocument, Page, PageProgress } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import type { ExtractionAnswer } from './extraction.wire.ts';

/** Puts the child's lines together again. `push` answers false once more than `maxBytes` have come. */
export const createAnswerReader = (maxBytes: number, onProgress: (progress: PageProgress) => void = () => {}) => {
  const pages: Page[] = [];
  let received = 0;
  let unfinished: Buffer[] = [];
  let started = false;
  let result: ExtractedDocument | ExtractionError | null = null;

  const take = (answer: ExtractionAnswer) => {
    if (answer.kind === 'ready') started = true;
    else if (answer.kind === 'progress') onProgress({ done: answer.done, total: answer.total });
    else if (answer.kind === 'failed') result = new ExtractionError(answer.code, answer.reason);
    else if (answer.kind === 'blocks') {
      const last = pages.at(-1);
      if (last !== undefined && last.number === answer.page) last.blocks.push(...answer.blocks);
      else pages.push({ number: answer.page, blocks: answer.blocks });
    } else {
      const { pageCount, title, language } = answer;
      result = { pages, pageCount, title, language };
    }
  };

  return {
    push(data: Buffer): boolean {
      received += data.length;
      if (received > maxBytes) return false;
      let from = 0;
      for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, from)) {
        const line = Buffer.concat([...unfinished, data.subarray(from, end)]).toString('utf8');
        unfinished = [];
        from = end + 1;
        take(JSON.parse(line) as ExtractionAnswer);
      }
      if (from < data.length) unfinished.push(data.subarray(from));
      return true;
    },
    started: () => started,
    result: () => result,
  };
};
