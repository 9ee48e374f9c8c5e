import type { Platform } from '../../definition/platform.ts';
import type { Paths } from './paths.ts';

/** What everything that deploys, looks at or removes a local environment is handed. */
export interface Local {
  platform: Platform;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  /** Absolute path of the node that runs todoctl, and so the platform. */
  node: string;
  /** Folder of the installed todoctl. */
  packageRoot: string;
  /** Secrets that were read or made go here before anything else is done with them. */
  redact: (secret: string) => void;
}
