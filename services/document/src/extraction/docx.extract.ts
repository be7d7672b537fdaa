import mammoth from 'mammoth';
import type { ContentLimits, PageStream } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';
import { htmlBlocks } from './html.blocks.ts';
import { guardOfficeZip } from './zip.guard.ts';

const BODY = 'word/document.xml';
const PROPERTIES = 'docProps/core.xml';

// Added to mammoth's own map, which knows the English style names only.
const STYLES = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Título'] => h1:fresh",
  "p[style-name='Subtitle'] => h2:fresh",
  ...[1, 2, 3, 4, 5, 6].flatMap((level) => [
    `p[style-name='Título ${level}'] => h${level}:fresh`,
    `p[style-name='título ${level}'] => h${level}:fresh`,
  ]),
];

// Pictures carry no text: an empty source keeps their bytes from being read at all.
const withoutImages = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));

const titleOf = (properties: string | undefined): string | null => {
  const title = properties && /<dc:title>([^<]+)<\/dc:title>/.exec(properties)?.[1];
  const text = title ? htmlBlocks(title)[0]?.text : undefined;
  return text ?? null;
};

/** Reads a DOCX with its headings, lists, tables and notes, as one page without number. */
export const extractDocx = async function* (bytes: Buffer, limits: ContentLimits): PageStream {
  const parts = guardOfficeZip(bytes, limits, [BODY, PROPERTIES]);
  if (!parts.has(BODY)) {
    throw new ExtractionError(
      'document.damaged',
      'The file has no Word text in it. Save it as .docx and upload again.',
    );
  }
  const { value } = await mammoth.convertToHtml(
    { buffer: bytes },
    { styleMap: STYLES, convertImage: withoutImages, includeEmbeddedStyleMap: false, externalFileAccess: false },
  );
  const blocks = htmlBlocks(value);
  yield { number: null, blocks };
  const title = titleOf(parts.get(PROPERTIES)) ?? blocks.find((block) => block.level === 1)?.heading ?? null;
  return { pageCount: null, title };
};
