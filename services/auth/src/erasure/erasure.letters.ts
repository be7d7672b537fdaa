import type { LetterKind } from '../mail/letter.ts';

/** The letters about an erasure; `{summary}` is what the certificate counts. */
export const erasureLetters = {
  user_began: {
    en: {
      subject: 'Your account is being deleted',
      lines: [
        'Hello {name}, you asked us to delete your account. You are signed out everywhere, and your data is being erased.',
        'We write once more when it is done. If it was not you, tell your administrator at once.',
      ],
    },
    pt: {
      subject: 'A sua conta está a ser eliminada',
      lines: [
        'Olá, {name}. Pediu-nos que eliminássemos a sua conta. A sessão foi terminada em todos os dispositivos e os seus dados estão a ser apagados.',
        'Voltamos a escrever quando estiver concluído. Se não foi você, avise já o seu administrador.',
      ],
    },
    es: {
      subject: 'Tu cuenta se está eliminando',
      lines: [
        'Hola, {name}. Nos pediste que elimináramos tu cuenta. Se cerró la sesión en todos los dispositivos y tus datos se están borrando.',
        'Te escribiremos de nuevo cuando termine. Si no fuiste tú, avisa ahora mismo a tu administrador.',
      ],
    },
  },
  user_done: {
    en: {
      subject: 'Your account was deleted',
      lines: [
        'Hello {name}, your account and your data were erased: {summary}.',
        'The certificate is at the address you were given, with its token. Its SHA-256 is {hash}. This was our last letter; your address is forgotten now.',
      ],
    },
    pt: {
      subject: 'A sua conta foi eliminada',
      lines: [
        'Olá, {name}. A sua conta e os seus dados foram apagados: {summary}.',
        'O certificado está no endereço que lhe foi dado, com o respetivo código. O seu SHA-256 é {hash}. Esta foi a nossa última mensagem; o seu endereço foi esquecido.',
      ],
    },
    es: {
      subject: 'Tu cuenta fue eliminada',
      lines: [
        'Hola, {name}. Tu cuenta y tus datos fueron borrados: {summary}.',
        'El certificado está en la dirección que recibiste, con su código. Su SHA-256 es {hash}. Este fue nuestro último mensaje; ya hemos olvidado tu dirección.',
      ],
    },
  },
  workspace_began: {
    en: {
      subject: 'A workspace is being deleted',
      lines: [
        'Hello {name}, you asked us to delete the workspace “{workspace}”. Nobody can enter it any more, and its data is being erased.',
        'We write once more when it is done.',
      ],
    },
    pt: {
      subject: 'Um espaço de trabalho está a ser eliminado',
      lines: [
        'Olá, {name}. Pediu-nos que eliminássemos o espaço de trabalho “{workspace}”. Já ninguém pode entrar nele e os seus dados estão a ser apagados.',
        'Voltamos a escrever quando estiver concluído.',
      ],
    },
    es: {
      subject: 'Un espacio de trabajo se está eliminando',
      lines: [
        'Hola, {name}. Nos pediste que elimináramos el espacio de trabajo “{workspace}”. Ya nadie puede entrar y sus datos se están borrando.',
        'Te escribiremos de nuevo cuando termine.',
      ],
    },
  },
  workspace_done: {
    en: {
      subject: 'A workspace was deleted',
      lines: [
        'Hello {name}, the workspace “{workspace}” was erased: {summary}.',
        'The certificate is at the address you were given. Its SHA-256 is {hash}.',
      ],
    },
    pt: {
      subject: 'Um espaço de trabalho foi eliminado',
      lines: [
        'Olá, {name}. O espaço de trabalho “{workspace}” foi apagado: {summary}.',
        'O certificado está no endereço que lhe foi dado. O seu SHA-256 é {hash}.',
      ],
    },
    es: {
      subject: 'Un espacio de trabajo fue eliminado',
      lines: [
        'Hola, {name}. El espacio de trabajo “{workspace}” fue borrado: {summary}.',
        'El certificado está en la dirección que recibiste. Su SHA-256 es {hash}.',
      ],
    },
  },
} as const satisfies Record<string, LetterKind>;
