/** Counts what would have ended a process: errors that nobody caught. All roles run in this one. */
export interface CrashWatch {
  readonly crashes: readonly string[];
  stop(): void;
}

export const watchCrashes = (): CrashWatch => {
  const crashes: string[] = [];
  const note = (error: unknown): void => void crashes.push(error instanceof Error ? error.message : String(error));
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  return {
    crashes,
    stop() {
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    },
  };
};
