/** A failure the person at the terminal can act on: printed as it is, without a stack. */
export class LauncherError extends Error {
  override readonly name = 'LauncherError';
  /** What to do about it. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.advice = advice;
  }
}

/** Errors of the system may come from another realm than ours, so their shape is looked at, not their class. */
const field = (error: unknown, name: 'code' | 'path' | 'message'): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
};

/** The system's code of an error, such as `ENOENT`. */
export const errorCode = (error: unknown): string | undefined => field(error, 'code');

/** The text of anything thrown; aggregated errors say what is inside them. */
export const errorText = (error: unknown): string => {
  if (error instanceof AggregateError && !error.message) return error.errors.map(errorText).join('; ');
  return field(error, 'message') ?? String(error);
};

/** Puts the system errors people meet into words with something to do; other errors pass through. */
export const explain = (error: unknown): unknown => {
  if (error instanceof LauncherError) return error;
  const where = field(error, 'path') ?? 'the data folder';
  const advice: Record<string, [string, string]> = {
    ENOSPC: ['The disk is full', 'Free at least 200 MB, or set ATRIUM_HOME to a folder on another disk.'],
    EDQUOT: ['The disk quota is used up', 'Free at least 200 MB, or set ATRIUM_HOME to a folder on another disk.'],
    EROFS: [`${where} is on a read-only file system`, 'Set ATRIUM_HOME to a folder that can be written to.'],
    EACCES: [
      `No permission for ${where}`,
      'Run as the owner of that folder, or set ATRIUM_HOME to a folder of your own.',
    ],
    EPERM: [
      `No permission for ${where}`,
      'Run as the owner of that folder, or set ATRIUM_HOME to a folder of your own.',
    ],
    ENOTDIR: [`${where} is not a folder`, 'Move that file away, or set ATRIUM_HOME to another folder.'],
    EMFILE: ['Too many files are open', 'Raise the limit (ulimit -n 4096) and try again.'],
  };
  const known = advice[errorCode(error) ?? ''];
  return known ? new LauncherError(known[0], known[1], { cause: error }) : error;
};

/** Runs work on files and turns the system errors people meet into words. */
export const explained = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
};
