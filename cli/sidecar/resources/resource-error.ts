/** A resource file that cannot be used. The message names the file, so that its author finds the place. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError';

  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
  }
}
