import { fileTypeFromBuffer } from 'file-type';
import type { FileType } from './extracted.ts';
import type { ExtractionCode } from './extraction.error.ts';
import { decodeText } from './text.decode.ts';

/** As many bytes from the start of a file as are enough to tell its type. */
export const SNIFF_BYTES = 65_536;

const MEDIA_TYPES: Record<FileType, string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  markdown: 'text/markdown',
  text: 'text/plain',
};

/** The type that a stored media type stands for. */
export const fileTypeOf = (mediaType: string): FileType => {
  const types = Object.keys(MEDIA_TYPES) as FileType[];
  const type = types.find((candidate) => MEDIA_TYPES[candidate] === mediaType);
  if (type === undefined) throw new Error(`no file type is stored as ${mediaType}`);
  return type;
};

/** A type that can be processed, or why not, in words for the person who uploads. */
export type Sniffed =
  { accepted: true; type: FileType; mediaType: string } | { accepted: false; code: ExtractionCode; reason: string };

const accept = (type: FileType): Sniffed => ({ accepted: true, type, mediaType: MEDIA_TYPES[type] });
const refuse = (reason: string, code: ExtractionCode = 'document.unsupported_type'): Sniffed => ({
  accepted: false,
  code,
  reason,
});

const SUPPORTED = 'Upload a PDF, a Word document (.docx), Markdown or plain text.';

const refuseBinary = (mime: string, extension: string): Sniffed => {
  if (mime.startsWith('image/')) return refuse(`This is a picture, not a document. ${SUPPORTED}`);
  if (mime.startsWith('audio/') || mime.startsWith('video/')) {
    return refuse('This is a recording, not a document. Upload it as a transcription.');
  }
  if (extension === 'xlsx' || extension === 'ods')
    return refuse('Spreadsheets cannot be read. Save the sheet as PDF and upload that.');
  if (extension === 'pptx' || extension === 'odp')
    return refuse('Slides cannot be read. Save them as PDF and upload that.');
  if (extension === 'odt' || extension === 'rtf') return refuse('Save the document as .docx or PDF and upload that.');
  if (/zip|rar|7z|tar|gzip|bzip2|xz|zstd/.test(mime))
    return refuse('This is an archive. Unpack it and upload the documents in it.');
  return refuse(`Files of type ${mime} cannot be read. ${SUPPORTED}`);
};

const extensionOf = (name: string) => /\.([a-z0-9]+)$/.exec(name.trim().toLowerCase())?.[1] ?? '';

/** An Office file under a password and a Word file from before 2007 share one container (MS-CFB). */
const refuseCompound = (name: string, head: Uint8Array): Sniffed => {
  const encrypted =
    Buffer.from(head).includes(Buffer.from('EncryptedPackage', 'utf16le')) ||
    /^(?:docx|xlsx|pptx)$/.test(extensionOf(name));
  return encrypted
    ? refuse('The file is protected by a password. Save a copy without it and upload that.', 'document.encrypted')
    : refuse('This is an Office file in the old format. Save it as .docx or PDF and upload that.');
};

const MARKDOWN_NAMES = new Set(['md', 'markdown', 'mdown', 'mkd']);
const MARKDOWN_SIGNS = [
  /^#{1,6} \S/m,
  /^(?:```|~~~)/m,
  /\[[^\]\n]+\]\([^)\s]+\)/,
  /^\|?\s*:?-{3,}:?\s*\|/m,
  /\*\*[^*\n]+\*\*/,
];

const sniffText = (text: string, name: string): Sniffed => {
  const start = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .replace(/^<\?xml[^>]*>\s*/, '');
  if (start.startsWith('%PDF-')) return accept('pdf');
  if (/^<(?:!doctype html|html|svg|script)[\s>]/i.test(start))
    return refuse('Web pages cannot be read. Save the page as PDF and upload that.');
  if (start.startsWith('{\\rtf')) return refuseBinary('application/rtf', 'rtf');
  const extension = extensionOf(name);
  if (MARKDOWN_NAMES.has(extension)) return accept('markdown');
  // A shell script or log has one of the signs by chance; two make it Markdown, and only where the name says nothing.
  const unnamed = extension === '';
  return accept(unnamed && MARKDOWN_SIGNS.filter((sign) => sign.test(start)).length >= 2 ? 'markdown' : 'text');
};

const detect = async (head: Uint8Array) => {
  try {
    return await fileTypeFromBuffer(head);
  } catch {
    // A container cut off at the end of the sample: the first bytes still say what it is.
    return undefined;
  }
};

/**
 * Tells the type of a file from its first bytes (`SNIFF_BYTES`, or all of a shorter file; `complete` says which).
 * The name never makes a file acceptable: it decides between Markdown and text, and what a refusal says.
 */
export const sniff = async (head: Uint8Array, file: { name: string; complete: boolean }): Promise<Sniffed> => {
  if (head.length === 0) return refuse('The file is empty. Upload it again.', 'document.empty');
  const found = await detect(head);
  if (found?.ext === 'pdf') return accept('pdf');
  if (found?.ext === 'docx') return accept('docx');
  if (found?.ext === 'cfb') return refuseCompound(file.name, head);
  const zip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
  // A Word file whose telling part lies after the sample; extraction looks for that part again.
  if (zip && !file.complete && extensionOf(file.name) === 'docx' && (found?.ext ?? 'zip') === 'zip')
    return accept('docx');
  const decoded = decodeText(head, !file.complete);
  if (decoded !== null && (found === undefined || /^(?:text\/|application\/(?:xml|rtf))/.test(found.mime))) {
    return sniffText(decoded.text, file.name);
  }
  if (found !== undefined || zip) return refuseBinary(found?.mime ?? 'application/zip', found?.ext ?? 'zip');
  return refuse(`The content is not that of a document. ${SUPPORTED}`);
};
