import type { Locale } from '../users/user.schema.ts';

const NAMES: Record<Locale, (name: string) => string> = {
  en: (name) => `${name}'s workspace`,
  pt: (name) => `Espaço de ${name}`,
  es: (name) => `Espacio de ${name}`,
};

/** What a personal workspace is called until its owner says otherwise. */
export const personalWorkspaceName = (name: string, locale: Locale): string => NAMES[locale](name);
