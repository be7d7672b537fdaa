import { randomBytes } from 'node:crypto';
import { makeDocx, makePdf, makeZip } from '@atrium/testing';
import { describe, expect, it } from '@jest/globals';
import { sniff, SNIFF_BYTES } from './sniff.ts';

const look = (bytes: Uint8Array, name = 'file') =>
  sniff(bytes.subarray(0, SNIFF_BYTES), { name, complete: bytes.length <= SNIFF_BYTES });
const text = (content: string, name?: string) => look(Buffer.from(content), name);
const compound = (content: Buffer) =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504), content, Buffer.alloc(600)]);

describe('accepted by content', () => {
  it('a PDF and a DOCX, whatever they are called', async () => {
    expect(await look(await makePdf([{ paragraphs: ['x'] }]), 'photo.jpg')).toMatchObject({
      type: 'pdf',
      mediaType: 'application/pdf',
    });
    expect(await look(await makeDocx([{ text: 'x' }]), 'notes.txt')).toMatchObject({ type: 'docx' });
  });

  it('a DOCX whose telling part lies further on', async () => {
    const far = makeZip([
      { name: 'customXml/big.bin', content: randomBytes(SNIFF_BYTES * 2) },
      { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
    ]);
    expect(await look(far, 'ata.docx')).toMatchObject({ type: 'docx' });
    expect(await look(far, 'ata.zip')).toMatchObject({ accepted: false });
  });

  it.each([
    ['Olá, ação!', 'a.txt', 'text'],
    ['# Título', 'LEIAME.MD', 'markdown'],
    ['# comment in a script\nls', 'run.sh', 'text'],
    ['# Guia\n\nVeja [isto](https://example.org).', 'guia', 'markdown'],
    ['nome;idade\nJosé;10', 'lista.csv', 'text'],
  ])('%j named %s', async (content, name, type) => {
    expect(await text(content, name)).toMatchObject({ accepted: true, type });
  });

  it('text in Latin-1 and UTF-16, and UTF-8 cut in the middle of a character', async () => {
    expect(await look(Buffer.from('Reunião às 9h, ação e coração', 'latin1'), 'a.txt')).toMatchObject({ type: 'text' });
    expect(await look(Buffer.from('\uFEFFReunião', 'utf16le'), 'a.txt')).toMatchObject({ type: 'text' });
    expect(await sniff(Buffer.from('ação').subarray(0, 2), { name: 'a.txt', complete: false })).toMatchObject({
      type: 'text',
    });
  });
});

describe('refused with a reason', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'a.txt', 'document.empty', 'empty'],
    [
      'noise called text',
      Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 97 + (at >> 3)) % 256)),
      'a.txt',
      'document.unsupported_type',
      'not that of a document',
    ],
    [
      'accented noise without controls',
      Buffer.alloc(500, 0xe7),
      'a.txt',
      'document.unsupported_type',
      'not that of a document',
    ],
    [
      'a picture called PDF',
      Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600000', 'hex'),
      'a.pdf',
      'document.unsupported_type',
      'picture',
    ],
    ['a web page', Buffer.from('<!DOCTYPE html><p>x</p>'), 'a.txt', 'document.unsupported_type', 'Web pages'],
    [
      'a drawing that can hold a script',
      Buffer.from('<?xml version="1.0"?><svg><script>1</script></svg>'),
      'a.svg',
      'document.unsupported_type',
      'cannot be read',
    ],
    ['rich text', Buffer.from('{\\rtf1 x}'), 'a.doc', 'document.unsupported_type', '.docx'],
    ['an old Word file', compound(Buffer.alloc(0)), 'a.doc', 'document.unsupported_type', 'old format'],
    [
      'a DOCX under a password',
      compound(Buffer.from('EncryptedPackage', 'utf16le')),
      'a',
      'document.encrypted',
      'password',
    ],
    [
      'an archive',
      makeZip([{ name: 'a.txt', content: Buffer.from('x') }]),
      'a.docx',
      'document.unsupported_type',
      'archive',
    ],
  ])('%s', async (_, bytes, name, code, reason) => {
    expect(await look(bytes, name)).toEqual({ accepted: false, code, reason: expect.stringContaining(reason) });
  });
});
