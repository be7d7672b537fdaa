import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { ExtractionError } from './extraction.error.ts';
import { createExtractor } from './extractor.ts';

jest.setTimeout(30_000);

const { extract } = createExtractor();

describe('the process that reads', () => {
  it('is killed at the deadline', async () => {
    const silent = new PassThrough();
    const begun = Date.now();
    await expect(extract(silent, 'text', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'document.timeout' });
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(silent.destroyed).toBe(true);
  });

  it('is killed when it takes too much memory', async () => {
    const chunk = Buffer.alloc(8 * 2 ** 20, 'a');
    const endless = Readable.from(
      (function* () {
        for (let at = 0; at < 200; at += 1) yield chunk;
      })(),
    );
    await expect(extract(endless, 'text', { memoryMb: 160 })).rejects.toMatchObject({
      code: 'document.too_large_inside',
    });
  });

  it('is killed when the work is cancelled', async () => {
    const cancel = new AbortController();
    const extracting = extract(new PassThrough(), 'pdf', { signal: cancel.signal });
    setTimeout(() => cancel.abort(new Error('cancelled by the user')), 50);
    await expect(extracting).rejects.toThrow('cancelled by the user');
  });

  it('passes a failure of the source on, as one that can be tried again', async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('begun');
        throw Object.assign(new Error('storage is away'), { code: 'ECONNRESET' });
      })(),
    );
    const failure = await extract(broken, 'text').catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'storage is away' });
    expect(failure).not.toBeInstanceOf(ExtractionError);
    await expect(extract('/nowhere/at/all', 'text')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
