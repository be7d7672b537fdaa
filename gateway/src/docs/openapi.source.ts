import type { ServiceName } from '@atrium/contracts';
import type { OpenApiDocument } from '@atrium/service-kit';
import type { MatchRoute } from '../entry/route.match.ts';
import { mergeDocuments, servedBy, type MergedDocument, type Part } from './openapi.merge.ts';

const FRESH_MS = 30_000;
const PATIENCE_MS = 2_000;

/** Fetches the documents of the services and merges them; kept for a moment, shorter when a part is missing. */
export const createDocumentSource = (options: {
  services: readonly { service: ServiceName; url: string }[];
  match: MatchRoute;
  own: () => OpenApiDocument;
  now: () => number;
}) => {
  const { services, match, own, now } = options;
  let kept: { document: MergedDocument; until: number } | undefined;
  let pending: Promise<MergedDocument> | undefined;

  const fetchPart = async ({ service, url }: { service: string; url: string }): Promise<Part> => {
    try {
      const response = await fetch(new URL('/openapi.json', url), { signal: AbortSignal.timeout(PATIENCE_MS) });
      const document = response.ok ? ((await response.json()) as OpenApiDocument) : undefined;
      return { service, document };
    } catch {
      return { service, document: undefined };
    }
  };

  const isServed = servedBy(match);
  const merge = async (): Promise<MergedDocument> => {
    const parts = await Promise.all(services.map(fetchPart));
    const document = mergeDocuments([...parts, { service: 'gateway', document: own() }], isServed);
    kept = { document, until: now() + (document['x-missing'] ? FRESH_MS / 15 : FRESH_MS) };
    return document;
  };

  return (): Promise<MergedDocument> => {
    if (kept && kept.until > now()) return Promise.resolve(kept.document);
    return (pending ??= merge().finally(() => (pending = undefined)));
  };
};
