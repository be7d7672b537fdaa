import { readFileSync } from 'node:fs';

const DOCKERFILE = new URL('../../../../docker/Dockerfile', import.meta.url);

/** The NODE_OPTIONS that every role of the image runs with, for processes that stand for an installation. */
export const imageNodeOptions = (): string => {
  const [, options] = /^ENV NODE_OPTIONS="([^"]+)"$/m.exec(readFileSync(DOCKERFILE, 'utf8')) ?? [];
  if (!options) throw new Error('docker/Dockerfile sets no NODE_OPTIONS');
  return options;
};
