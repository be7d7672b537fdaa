import { inflateRawSync } from 'node:zlib';
import type { ContentLimits } from './extracted.ts';
import { ExtractionError } from './extraction.error.ts';

interface ZipEntry {
  name: string;
  method: number;
  flags: number;
  compressedSize: number;
  size: number;
  offset: number;
}

const END_RECORD = 0x06054b50;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_RECORD_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;

const damaged = (what: string) =>
  new ExtractionError(
    'document.damaged',
    `The file is damaged (${what}). Open it, save it again and upload the new copy.`,
  );

const tooLarge = (what: string) =>
  new ExtractionError(
    'document.too_large_inside',
    `The file unpacks to more than can be processed (${what}). Split it into smaller documents.`,
  );

const findEndRecord = (zip: Buffer): number => {
  const lowest = Math.max(0, zip.length - END_RECORD_BYTES - MAX_COMMENT_BYTES);
  for (let at = zip.length - END_RECORD_BYTES; at >= lowest; at -= 1)
    if (zip.readUInt32LE(at) === END_RECORD) return at;
  throw damaged('its end is missing');
};

/** Reads the central directory (APPNOTE.TXT 4.3.12). Zip64 is refused: no document needs 4 GB. */
const readEntries = (zip: Buffer, maxParts: number): ZipEntry[] => {
  const end = findEndRecord(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count === 0xffff || count > maxParts) throw tooLarge(`more than ${maxParts} parts`);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== CENTRAL_HEADER)
      throw damaged('its list of parts cannot be read');
    const nameLength = zip.readUInt16LE(at + 28);
    entries.push({
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      compressedSize: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
};

const inflate = (zip: Buffer, entry: ZipEntry, maxPartBytes: number): Buffer => {
  if (entry.offset + 30 > zip.length || zip.readUInt32LE(entry.offset) !== LOCAL_HEADER)
    throw damaged('a part is missing');
  const start = entry.offset + 30 + zip.readUInt16LE(entry.offset + 26) + zip.readUInt16LE(entry.offset + 28);
  const data = zip.subarray(start, start + entry.compressedSize);
  if (entry.method === 0) return data;
  if (entry.method !== 8) throw damaged('a part is packed in an unknown way');
  try {
    return inflateRawSync(data, { maxOutputLength: maxPartBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('one part grows too large');
    throw damaged('a part cannot be unpacked');
  }
};

/**
 * Refuses an Office file that would unpack to more than the limits, before a library is let near it. Sizes in the
 * file's own directory can lie, so every XML part, which is all that is read later, is also unpacked and measured.
 * Returns the XML parts asked for.
 */
export const guardOfficeZip = (zip: Buffer, limits: ContentLimits, wanted: string[]): Map<string, string> => {
  const entries = readEntries(zip, limits.maxParts);
  if (entries.some((entry) => (entry.flags & 1) !== 0)) {
    throw new ExtractionError('document.encrypted', 'The file is protected by a password. Remove it and upload again.');
  }
  const declared = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (declared > limits.maxExpandedBytes) throw tooLarge(`${Math.ceil(declared / 2 ** 20)} MB`);
  if (entries.reduce((sum, entry) => sum + entry.compressedSize, 0) > zip.length) throw damaged('its parts overlap');

  const parts = new Map<string, string>();
  let expanded = 0;
  for (const entry of entries.filter(({ name }) => /\.(?:xml|rels)$/i.test(name))) {
    const part = inflate(zip, entry, limits.maxPartBytes);
    expanded += part.length;
    if (part.length > limits.maxPartBytes || expanded > limits.maxExpandedBytes) throw tooLarge('its text is too long');
    // Office never writes a document type; it is how XML is made to expand or to reach for other files.
    if (part.includes('<!DOCTYPE') || part.includes('<!ENTITY')) throw damaged('it declares XML entities');
    if (wanted.includes(entry.name)) parts.set(entry.name, part.toString('utf8'));
  }
  return parts;
};
