import type { LetterKind } from '../mail/letter.ts';

/** What somebody who is asked into a workspace is sent. */
export const invitationLetter = {
  en: {
    subject: 'You are invited to a workspace',
    lines: [
      'Hello, {inviter} invites you to the workspace {workspace} in Atrium.',
      'The invitation is good for {days} days and works once, signed in with this email address.',
    ],
    action: 'Accept the invitation',
  },
  pt: {
    subject: 'Convite para um espaço de trabalho',
    lines: [
      'Olá. {inviter} convida-o para o espaço de trabalho {workspace} no Atrium.',
      'O convite é válido por {days} dias e funciona uma única vez, com sessão iniciada neste endereço de email.',
    ],
    action: 'Aceitar o convite',
  },
  es: {
    subject: 'Te invitan a un espacio de trabajo',
    lines: [
      'Hola: {inviter} te invita al espacio de trabajo {workspace} en Atrium.',
      'La invitación es válida durante {days} días y funciona una sola vez, con la sesión iniciada en esta dirección de correo.',
    ],
    action: 'Aceptar la invitación',
  },
} as const satisfies LetterKind;
