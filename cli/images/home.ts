export interface Login {
  username: string;
  password: string;
}

/** Where images go. A provider's registry is one. */
export interface ImageHome {
  /** `ghcr.io`, `10.10.0.1:5000`. */
  server: string;
  /** Below the server: `example/todo`. */
  repository: string;
  /** Absent where it asks nobody. */
  signIn?: (access: 'read' | 'write') => Promise<Login>;
}

/** What a pod or a program pulls: `ghcr.io/example/todo:1a2b3c`. */
export function referenceOf({ server, repository }: Pick<ImageHome, 'server' | 'repository'>, tag: string): string {
  return `${server}/${repository}:${tag}`;
}
