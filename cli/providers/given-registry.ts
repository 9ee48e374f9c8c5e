import type { Step } from '../engine/step.ts';
import type { Registry, RegistryCredentials } from './provider.ts';

export interface RegistryAsGiven {
  server: string;
  repository: string;
  /** Reads what todoctl.yaml refers to; absent where the registry asks nobody. */
  login?: () => Promise<RegistryCredentials>;
  /** What a node pulls with, made of that. */
  pullOf: (login: RegistryCredentials) => string;
}

const TIMEOUT_MS = 30_000;

/** A registry that somebody keeps: todoctl.yaml says where it is and with which credentials it is read and written. Errors: TODOCTL_SECRET_MISSING, TODOCTL_REGISTRY_CREDENTIALS. */
export function givenRegistry({ server, repository, login, pullOf }: RegistryAsGiven): Step<Registry> {
  return {
    id: 'registry',
    title: 'Registry',
    needs: [],
    timeout: TIMEOUT_MS,
    async check() {
      if (!login) return { is: 'done', value: { server, repository } };
      const credentials = await login();
      return { is: 'done', value: { server, repository, signIn: async () => credentials, pull: pullOf(credentials) } };
    },
  };
}
