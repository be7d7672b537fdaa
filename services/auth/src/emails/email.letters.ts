import type { LetterKind } from '../mail/letter.ts';

/** The letters about an account. */
export const letters = {
  verify_email: {
    en: {
      subject: 'Confirm your email address',
      lines: [
        'Hello {name}, please confirm that this is your email address.',
        'The link is good for {hours} hours and works once. If you did not sign up for Atrium, you need not do anything.',
      ],
      action: 'Confirm the address',
    },
    pt: {
      subject: 'Confirme o seu endereço de email',
      lines: [
        'Olá, {name}. Confirme, por favor, que este endereço de email é seu.',
        'O link é válido por {hours} horas e funciona uma única vez. Se não se registou no Atrium, não precisa de fazer nada.',
      ],
      action: 'Confirmar o endereço',
    },
    es: {
      subject: 'Confirma tu dirección de correo',
      lines: [
        'Hola, {name}. Confirma, por favor, que esta dirección de correo es tuya.',
        'El enlace es válido durante {hours} horas y funciona una sola vez. Si no te registraste en Atrium, no tienes que hacer nada.',
      ],
      action: 'Confirmar la dirección',
    },
  },
  reset_password: {
    en: {
      subject: 'Choose a new password',
      lines: [
        'Hello {name}, somebody asked for a new password for your account.',
        'The link is good for {hours} hour and works once. If it was not you, ignore this mail: your password stays as it is.',
      ],
      action: 'Choose a new password',
    },
    pt: {
      subject: 'Escolha uma nova palavra-passe',
      lines: [
        'Olá, {name}. Alguém pediu uma nova palavra-passe para a sua conta.',
        'O link é válido por {hours} hora e funciona uma única vez. Se não foi você, ignore este email: a sua palavra-passe não muda.',
      ],
      action: 'Escolher uma nova palavra-passe',
    },
    es: {
      subject: 'Elige una nueva contraseña',
      lines: [
        'Hola, {name}. Alguien pidió una nueva contraseña para tu cuenta.',
        'El enlace es válido durante {hours} hora y funciona una sola vez. Si no fuiste tú, ignora este correo: tu contraseña no cambia.',
      ],
      action: 'Elegir una nueva contraseña',
    },
  },
  account_exists: {
    en: {
      subject: 'You already have an account',
      lines: [
        'Hello {name}, somebody signed up for Atrium with this address, but you already have an account. Sign in with your password, or choose a new one if you no longer know it.',
        'The link is good for {hours} hour and works once. If it was not you, ignore this mail: nothing has changed.',
      ],
      action: 'Choose a new password',
    },
    pt: {
      subject: 'Já tem uma conta',
      lines: [
        'Olá, {name}. Alguém se registou no Atrium com este endereço, mas você já tem uma conta. Inicie sessão com a sua palavra-passe ou escolha uma nova, se já não a souber.',
        'O link é válido por {hours} hora e funciona uma única vez. Se não foi você, ignore este email: nada mudou.',
      ],
      action: 'Escolher uma nova palavra-passe',
    },
    es: {
      subject: 'Ya tienes una cuenta',
      lines: [
        'Hola, {name}. Alguien se registró en Atrium con esta dirección, pero ya tienes una cuenta. Inicia sesión con tu contraseña o elige una nueva si ya no la sabes.',
        'El enlace es válido durante {hours} hora y funciona una sola vez. Si no fuiste tú, ignora este correo: nada ha cambiado.',
      ],
      action: 'Elegir una nueva contraseña',
    },
  },
  password_changed: {
    en: {
      subject: 'Your password was changed',
      lines: [
        'Hello {name}, the password of your account was changed, and your other devices were signed out.',
        'If it was not you, choose a new password at once with “Forgot password”.',
      ],
    },
    pt: {
      subject: 'A sua palavra-passe foi alterada',
      lines: [
        'Olá, {name}. A palavra-passe da sua conta foi alterada e a sessão foi terminada nos seus outros dispositivos.',
        'Se não foi você, escolha já uma nova palavra-passe em “Esqueci-me da palavra-passe”.',
      ],
    },
    es: {
      subject: 'Tu contraseña ha cambiado',
      lines: [
        'Hola, {name}. La contraseña de tu cuenta ha cambiado y se cerró la sesión en tus otros dispositivos.',
        'Si no fuiste tú, elige ahora mismo una nueva contraseña en “Olvidé mi contraseña”.',
      ],
    },
  },
} as const satisfies Record<string, LetterKind>;
