import type { PageStream } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import { markdownBlocks } from './markdown.blocks.ts';
import { textBlocks } from './text.blocks.ts';
import { decodeText } from './text.decode.ts';

/** Reads plain text or Markdown as one page without number. */
export const extractText = async function* (bytes: Buffer, type: 'text' | 'markdown'): PageStream {
  const decoded = decodeText(bytes);
  if (decoded === null) {
    throw new ExtractionError(
      'document.damaged',
      'The file is not plain text all through. Save it as UTF-8 and upload again.',
    );
  }
  const { title, blocks } =
    type === 'markdown' ? markdownBlocks(decoded.text) : { title: null, blocks: textBlocks(decoded.text) };
  yield { number: null, blocks };
  return { pageCount: null, title };
};
