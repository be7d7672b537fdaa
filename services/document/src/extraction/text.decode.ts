/** Text and the encoding it was found in. */
export interface Decoded {
  text: string;
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
}

/** The largest share of bytes above 0x7f in a single-byte text: Portuguese has about 4 %, noise about 50 %. */
const MAX_HIGH_BYTES = 0.3;

// Tab, line ends, form feed and escape (terminal logs) occur in text; the other C0 controls do not.
const isBinaryControl = (byte: number) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f;

const decodeAs = (encoding: Decoded['encoding'], bytes: Uint8Array, partial: boolean): Decoded | null => {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: partial }), encoding };
  } catch {
    return null;
  }
};

const utf16 = (bytes: Uint8Array): Decoded['encoding'] | null => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
};

const highByteShare = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + (byte > 0x7f ? 1 : 0), 0) / bytes.length;

/**
 * Decodes bytes as text: UTF-16 with a byte order mark, UTF-8, else Windows-1252 (the superset of Latin-1 that old
 * editors write). Null when they are no text. `partial` allows a character to be cut off at the end.
 */
export const decodeText = (bytes: Uint8Array, partial = false): Decoded | null => {
  const wide = utf16(bytes);
  if (wide !== null) {
    const decoded = decodeAs(wide, bytes, partial);
    return decoded?.text.includes('\0') ? null : decoded;
  }
  if (bytes.some(isBinaryControl)) return null;
  const utf8 = decodeAs('utf-8', bytes, partial);
  if (utf8 !== null) return utf8;
  return highByteShare(bytes) > MAX_HIGH_BYTES ? null : decodeAs('windows-1252', bytes, partial);
};
