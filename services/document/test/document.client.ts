import { eventually, makeIdentity, type ServiceUnderTest, type TestIdentity } from '@atrium/testing';

/** A document as the service shows it. */
export interface ShownDocument {
  id: string;
  title: string;
  status: string;
  progress: number;
  reason: string | null;
  createdAt: string;
  version: { id: string; number: number; mediaType: string; size: number; sha256: string; pages: number | null };
}

/** A passage as the search shows it. */
export interface ShownHit {
  documentId: string;
  versionId: string;
  title: string;
  page: number | null;
  heading: string | null;
  text: string;
  snippet: string;
  score: number;
}

interface Answer {
  status: number;
  headers: Headers;
  json: Record<string, unknown>;
}

/** Calls the service as one member of one workspace. */
export const createDocumentClient = (
  service: { url: string; issuer: ServiceUnderTest['issuer'] },
  identity: TestIdentity = makeIdentity(),
) => {
  const headers = () => ({ authorization: `Bearer ${service.issuer.token(identity)}` });
  const send = async (method: string, path: string, body?: FormData): Promise<Answer> => {
    const answer = await fetch(`${service.url}/api/v1${path}`, {
      method,
      headers: headers(),
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: answer.status, headers: answer.headers, json: json as Record<string, unknown> };
  };
  const form = (name: string, content: Uint8Array | string, fields: Record<string, string> = {}): FormData => {
    const made = new FormData();
    for (const [field, value] of Object.entries(fields)) made.set(field, value);
    made.set('file', new Blob([typeof content === 'string' ? content : new Uint8Array(content)]), name);
    return made;
  };
  const read = async (id: string): Promise<ShownDocument> =>
    (await send('GET', `/documents/${id}`)).json as unknown as ShownDocument;

  return {
    identity,
    headers,
    send,
    form,
    read,
    async upload(name: string, content: Uint8Array | string, fields?: Record<string, string>): Promise<ShownDocument> {
      const answer = await send('POST', '/documents', form(name, content, fields));
      if (answer.status !== 202) throw new Error(`the upload was answered ${answer.status}`);
      return answer.json as unknown as ShownDocument;
    },
    /** Waits until nothing more will happen to a document. */
    settled: (id: string, withinMs = 20_000): Promise<ShownDocument> =>
      eventually(async () => {
        const document = await read(id);
        return ['ready', 'failed', 'cancelled'].includes(document.status) && document;
      }, withinMs),
    async search(query: string, more: Record<string, string> = {}): Promise<ShownHit[]> {
      const answer = await send('GET', `/documents/search?${new URLSearchParams({ query, ...more }).toString()}`);
      if (answer.status !== 200) throw new Error(`the search was answered ${answer.status}`);
      return answer.json['data'] as ShownHit[];
    },
  };
};
export type DocumentClient = ReturnType<typeof createDocumentClient>;
