/** Where a version stands; the last three are final. */
export const versionStatuses = [
  'queued',
  'extracting',
  'chunking',
  'embedding',
  'ready',
  'failed',
  'cancelled',
] as const;
export type VersionStatus = (typeof versionStatuses)[number];

/** Whether nothing more will happen to a version. */
export const isFinal = (status: VersionStatus): boolean => ['ready', 'failed', 'cancelled'].includes(status);

export const TITLE_CHARACTERS = 200;

/** The name of a file as it may be kept and shown: without folders and control characters, and not too long. */
export const cleanFileName = (name: string | undefined): string => {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? '';
  const shown = last
    // Browsers write a quotation mark in a form's file name like this (HTML, 4.10.21.8).
    .replaceAll('%22', '"')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  return [...shown].slice(0, TITLE_CHARACTERS).join('') || 'document';
};
