import { setImmediate as breathe } from 'node:timers/promises';
import type { Embedder } from '@atrium/llm';
import type { JobAttempt, Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob.store.ts';
import { chunkPages, type Chunk } from '../chunking/chunk.ts';
import { estimateTokens } from '../chunking/tokens.ts';
import type { VersionStatus } from '../documents/document.ts';
import type { Version } from '../documents/document.entity.ts';
import type { ExtractedDocument, PageProgress } from '../extraction/extracted.ts';
import type { Extractor } from '../extraction/extractor.ts';
import { fileTypeOf } from '../extraction/sniff.ts';
import type { IndexedChunk } from '../search/chunk.store.ts';
import { createExtractedBlobs } from './extracted.blob.ts';
import type { ProcessingService } from './processing.service.ts';

/** Where an earlier attempt got to. */
const Checkpoint = z.object({ extracted: z.literal(true) });

/** Texts embedded, or chunks cut, before others get their turn. */
const BATCH = 64;
/** Where each step begins, in percent of the whole. */
const STEPS = { extracting: 5, chunking: 40, embedding: 45, indexing: 92 } as const;
/** A smaller advance is not worth a write. */
const ADVANCE = 5;

/** The version was deleted or finished by another attempt: there is nothing left to do. */
class VersionSettled extends Error {
  override readonly name = 'VersionSettled';
}

// Postgres stores every character but this one.
const storable = (text: string): string => text.replaceAll('\0', '');

export interface ProcessingParts {
  versions: Transactional<Pick<ProcessingService, 'advance' | 'finish'>>;
  blobs: BlobStore;
  extractor: Extractor;
  embedder: Embedder;
}

/** One attempt at making a version searchable, from wherever the last one got to. */
const createAttempt = (
  { versions, blobs, extractor, embedder }: ProcessingParts,
  { payload: { versionId }, tenant, checkpoint, signal, progress }: JobAttempt<{ versionId: string }>,
) => {
  const extractedBlobs = createExtractedBlobs(blobs);
  let told = 0;

  const tell = async (status: VersionStatus, percent: number, step: string = status): Promise<Version> => {
    told = percent;
    await progress(percent, step);
    const version = await versions.run(tenant, (service) => service.advance(versionId, status, Math.round(percent)));
    if (version === undefined) throw new VersionSettled();
    return version;
  };

  const between = (from: number, to: number, { done, total }: PageProgress) => from + ((to - from) * done) / total;

  const extract = async ({ blobKey, mediaType }: Version): Promise<ExtractedDocument> => {
    const saved = Checkpoint.safeParse(checkpoint).success ? await extractedBlobs.load(blobKey) : undefined;
    if (saved !== undefined) return saved;
    // Pages are read faster than progress is written; one write at a time, and a failed one ends the step.
    let writing: Promise<unknown> = Promise.resolve();
    let failure: unknown;
    const onProgress = (pages: PageProgress): void => {
      const percent = between(STEPS.extracting, STEPS.chunking, pages);
      if (percent < told + ADVANCE) return;
      told = percent;
      writing = writing.then(() => tell('extracting', percent)).catch((error: unknown) => (failure ??= error));
    };
    const extracted = await extractor.extract(await blobs.get(blobKey), fileTypeOf(mediaType), { signal, onProgress });
    await writing;
    if (failure !== undefined) throw failure as Error;
    await extractedBlobs.save(blobKey, extracted);
    await progress(STEPS.chunking, 'chunking', { extracted: true } satisfies z.infer<typeof Checkpoint>);
    return extracted;
  };

  const cut = async (extracted: ExtractedDocument): Promise<Chunk[]> => {
    const chunks: Chunk[] = [];
    for (const chunk of chunkPages(extracted.pages)) {
      chunks.push(chunk);
      if (chunks.length % BATCH === 0) {
        await breathe();
        signal.throwIfAborted();
      }
    }
    return chunks;
  };

  const embed = async (chunks: readonly Chunk[]): Promise<{ indexed: IndexedChunk[]; embeddedTokens: number }> => {
    const indexed: IndexedChunk[] = [];
    let embeddedTokens = 0;
    for (let from = 0; from < chunks.length; from += BATCH) {
      const batch = chunks.slice(from, from + BATCH);
      const texts = batch.map(({ heading, text }) => (heading === null ? text : `${heading}\n${text}`));
      const vectors = await embedder.embed(texts, { signal });
      embeddedTokens += texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      for (const [at, { ordinal, page, heading, text }] of batch.entries()) {
        const vector = vectors[at];
        if (vector === undefined) throw new Error(`The embedder ${embedder.id} gave too few vectors`);
        indexed.push({ ordinal, page, heading: heading && storable(heading), text: storable(text), vector });
      }
      const percent = between(STEPS.embedding, STEPS.indexing, { done: indexed.length, total: chunks.length });
      if (percent >= told + ADVANCE) await tell('embedding', percent);
      await breathe();
    }
    return { indexed, embeddedTokens };
  };

  return async (): Promise<void> => {
    const version = await tell('extracting', STEPS.extracting);
    const extracted = await extract(version);
    await tell('chunking', STEPS.chunking);
    const cuts = await cut(extracted);
    await tell('embedding', STEPS.embedding);
    const { indexed: chunks, embeddedTokens } = await embed(cuts);
    await tell('embedding', STEPS.indexing, 'indexing');
    const { pageCount: pages, language } = extracted;
    const result = { pages, language, embedder: embedder.id, chunks, embeddedTokens };
    await versions.run(tenant, (service) => service.finish(versionId, result));
    await extractedBlobs.remove(version.blobKey);
  };
};

/** The work of `version.process`. Every step can be repeated; what people see changes in the last one. */
export const createProcessor =
  (parts: ProcessingParts) =>
  async (attempt: JobAttempt<{ versionId: string }>): Promise<void> => {
    try {
      await createAttempt(parts, attempt)();
    } catch (error) {
      if (!(error instanceof VersionSettled)) throw error;
    }
  };
