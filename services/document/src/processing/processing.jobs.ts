import { ProviderError } from '@atrium/llm';
import { jobHandler, JobRefused, type JobHandler, type Logger, type Unit } from '@atrium/service-kit';
import { BlobError } from '../blobs/blob.store.ts';
import { ExtractionError } from '../extraction/extraction.error.ts';
import { createProcessor, type ProcessingParts } from './processing.ts';
import { processVersion } from './processing.job.ts';
import type { ProcessingService } from './processing.service.ts';

/** A refusal when trying again would end the same way; otherwise the error itself, which is tried again. */
const finalReason = (error: unknown): JobRefused | undefined => {
  if (error instanceof ExtractionError) return new JobRefused(error.code, error.message);
  if (error instanceof BlobError && error.code === 'blob.not_found')
    return new JobRefused('document.content_missing', 'The stored file is gone. Upload it again.');
  if (error instanceof ProviderError && !error.retryable)
    return new JobRefused(
      'document.embedding_refused',
      'The embedding model refused the text. Ask whoever runs this installation to check its settings.',
    );
  return undefined;
};

export const processingHandler = (
  parts: ProcessingParts & { makeService: (unit: Unit) => ProcessingService; log: Logger },
): JobHandler => {
  const process = createProcessor(parts);
  return jobHandler(processVersion, {
    async work(attempt) {
      try {
        await process(attempt);
      } catch (error) {
        const refusal = finalReason(error);
        if (refusal === undefined) throw error;
        parts.log.info({ err: error, ...attempt.payload }, 'a version cannot be processed');
        throw refusal;
      }
    },
    givenUp: (unit, { versionId }, failure) => parts.makeService(unit).giveUp(versionId, failure),
    retried: (unit, { versionId }) => parts.makeService(unit).reopen(versionId),
  });
};
