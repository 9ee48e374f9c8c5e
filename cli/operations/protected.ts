import { peekDefinition } from '../definition/peek.ts';
import type { Context } from './context.ts';

/** The name that must be typed before a protected environment is changed; undefined for one that is not. */
export async function protectedName({ cwd, environment }: Pick<Context, 'cwd' | 'environment'>): Promise<string | undefined> {
  // A definition that is broken says nothing; what is on this machine can still be removed then.
  const peek = await peekDefinition({ cwd, environment }).catch(() => undefined);
  return peek?.settings['protected'] === true ? environment : undefined;
}
