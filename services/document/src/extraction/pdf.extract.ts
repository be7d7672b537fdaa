import { getDocumentProxy } from 'unpdf';
import type { ContentLimits, PageProgress, PageStream } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import { bodyHeight, linesToBlocks, runsToLines } from './pdf.lines.ts';
import type { Line, TextRun } from './pdf.lines.ts';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/** The end mark stands in the last bytes (ISO 32000-1, 7.5.5); some writers add padding after it. */
const END_MARK_WITHIN = 65_536;

const damaged = (cause?: unknown) =>
  new ExtractionError(
    'document.damaged',
    'The PDF is damaged or was cut off while it was copied. Open it, save it again and upload the new copy.',
    { cause },
  );

const open = async (bytes: Buffer): Promise<PdfDocument> => {
  if (!bytes.subarray(-END_MARK_WITHIN).includes('%%EOF')) throw damaged();
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      disableFontFace: true,
      useSystemFonts: false,
    });
  } catch (error) {
    if ((error as Error).name === 'PasswordException') {
      const reason = 'The PDF is protected by a password. Save a copy without it and upload that.';
      throw new ExtractionError('document.encrypted', reason, { cause: error });
    }
    throw damaged(error);
  }
};

const readRuns = async (pdf: PdfDocument, number: number): Promise<TextRun[]> => {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  page.cleanup();
  return items.flatMap((item) => {
    if (!('str' in item)) return [];
    const [, , , , x = 0, y = 0] = item.transform as number[];
    return [{ text: item.str, x, y, width: item.width, height: item.height, endsLine: item.hasEOL }];
  });
};

const titleOf = async (pdf: PdfDocument): Promise<string | null> => {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const title = (info as { Title?: unknown }).Title;
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : null;
};

/** Reads a PDF's text layer page by page, with headings told by letter size. Runs pdf.js; pictures are not looked at. */
export const extractPdf = async function* (
  bytes: Buffer,
  limits: ContentLimits,
  onProgress: (progress: PageProgress) => void,
): PageStream {
  const pdf = await open(bytes);
  const total = pdf.numPages;
  if (total === 0) throw damaged();
  if (total > limits.maxPages) {
    const reason = `The PDF has ${total} pages; at most ${limits.maxPages} can be processed. Split it into smaller files.`;
    throw new ExtractionError('document.too_large_inside', reason);
  }
  const pages: Line[][] = [];
  for (let number = 1; number <= total; number += 1) {
    pages.push(runsToLines(await readRuns(pdf, number)));
    onProgress({ done: number, total });
  }
  const body = bodyHeight(pages.flat());
  for (const [index, lines] of pages.entries()) yield { number: index + 1, blocks: linesToBlocks(lines, body) };
  return { pageCount: total, title: await titleOf(pdf) };
};
