import { afterEach, describe, expect, it } from '@jest/globals';
import { createAtrium, upload, type UploadProgress } from '../src/index.ts';
import { json, problem, serve, TOKENS } from './server.fixture.ts';

const file = new File(['x'.repeat(200_000)], 'no"tes\n.md', { type: 'text/markdown' });
const global = globalThis as { XMLHttpRequest?: unknown };
afterEach(() => {
  delete global.XMLHttpRequest;
});

describe('upload', () => {
  it('streams the form, tells how far it is, and never runs backwards', async () => {
    await using server = await serve((_seen, res) => json(res, 202, { id: 'd' }));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const told: UploadProgress[] = [];
    const document = await upload(atrium, '/api/v1/documents', {
      file,
      fields: { title: 'Notes' },
      onProgress: (progress) => told.push(progress),
    });
    expect(document.id).toBe('d');
    const [seen] = server.seen;
    const received = await new Response(seen?.body, {
      headers: { 'content-type': seen?.headers['content-type'] ?? '' },
    }).formData();
    expect(received.get('title')).toBe('Notes');
    const stored = received.get('file');
    expect(stored).toMatchObject({ size: 200_000, type: 'text/markdown', name: 'no"tes\n.md' });
    expect(told.length).toBeGreaterThan(1);
    expect(told.map(({ sent }) => sent)).toEqual(told.map(({ sent }) => sent).toSorted((a, b) => a - b));
    expect(told.at(-1)).toEqual({
      sent: Buffer.byteLength(seen?.body ?? ''),
      total: Buffer.byteLength(seen?.body ?? ''),
    });
  });

  it('is sent again after a refused token only', async () => {
    await using server = await serve(({ url, headers }, res) => {
      if (url === '/api/v1/auth/refresh') return json(res, 200, { ...TOKENS, accessToken: 'a2' });
      if (headers.authorization !== 'Bearer a2') return problem(res, 401, 'token.revoked');
      return problem(res, 503, 'upstream.unavailable');
    });
    const atrium = createAtrium({ baseUrl: server.url });
    atrium.session.adopt(TOKENS);
    await expect(upload(atrium, '/api/v1/documents', { file })).rejects.toMatchObject({ status: 503 });
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/api/v1/documents',
      '/api/v1/auth/refresh',
      '/api/v1/documents',
    ]);
  });

  it('is given up with the reason', async () => {
    await using server = await serve((_seen, res) => json(res, 202, {}));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(new Error('enough'));
    const uploading = upload(atrium, '/api/v1/documents', { file, signal: abort.signal, onProgress: giveUp });
    await expect(uploading).rejects.toThrow('enough');
  });

  it('uses the request of browsers where there is one', async () => {
    const sent: Record<string, unknown>[] = [];
    global.XMLHttpRequest = class {
      upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
      headers: Record<string, string> = {};
      status = 202;
      responseText = '{"id":"d"}';
      withCredentials = false;
      onload?: () => void;
      onabort?: () => void;
      opened: string[] = [];
      open(...opened: string[]): void {
        this.opened = opened;
      }
      setRequestHeader(name: string, value: string): void {
        this.headers[name] = value;
      }
      getResponseHeader(): null {
        return null;
      }
      abort(): void {
        this.onabort?.();
      }
      send(body: FormData): void {
        sent.push({ opened: this.opened, headers: this.headers, credentials: this.withCredentials, body });
        if (sent.length > 1) return;
        this.upload.onprogress?.({ loaded: 1, total: 2 });
        this.onload?.();
      }
    };
    const told: UploadProgress[] = [];
    const atrium = createAtrium({ baseUrl: 'https://api.example.com', refresh: 'cookie' });
    atrium.session.adopt(TOKENS);
    const onProgress = (progress: UploadProgress): void => void told.push(progress);
    expect((await upload(atrium, '/api/v1/documents', { file, onProgress })).id).toBe('d');
    expect(sent[0]).toMatchObject({
      opened: ['POST', 'https://api.example.com/api/v1/documents'],
      headers: { authorization: 'Bearer a1' },
      credentials: true,
    });
    expect(told).toEqual([{ sent: 1, total: 2 }]);
    const abort = new AbortController();
    const uploading = upload(atrium, '/api/v1/documents', { file, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 1);
    await expect(uploading).rejects.toThrow('enough');
  });
});
