/** Why a file cannot be processed. The file itself is at fault: trying again gives the same answer. */
export type ExtractionCode =
  | 'document.encrypted'
  | 'document.empty'
  | 'document.too_large_inside'
  | 'document.timeout'
  | 'document.damaged'
  | 'document.no_text'
  | 'document.unsupported_type';

/** Ends the processing of a version for good; `message` is shown to the person who uploaded the file. */
export class ExtractionError extends Error {
  readonly code: ExtractionCode;

  constructor(code: ExtractionCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExtractionError';
    this.code = code;
  }
}
