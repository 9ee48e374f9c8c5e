import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type ImageHome, type Login, referenceOf } from '../../images/home.ts';
import { forbidden, scanImage, type Weakness } from '../../images/scan.ts';
import { imageTag } from '../../images/source-tags.ts';
import type { TargetImages } from '../../targets/target.ts';
import type { Context } from '../context.ts';
import { imagesOf, lookAt } from './images-of.ts';

export interface ScanResult {
  environment: string;
  reference: string;
  /** False where there is no Trivy here. */
  scanned: boolean;
  weaknesses: readonly Weakness[];
}

/**
 * Scans the image of the sources, here or where it was pushed. Errors: TODOCTL_IMAGE_VULNERABLE by the policy;
 * TODOCTL_SCANNER_MISSING where Trivy is required and not here; TODOCTL_PROGRAM_FAILED with Trivy's last words.
 */
export async function scanImages(context: Context, { require: required }: { require: boolean }): Promise<ScanResult> {
  const images = await imagesOf(context);
  const { tags, folder } = await images.wanted();
  const { env, redactor, stop } = images.given();
  const reference = referenceOf(images, imageTag(tags));
  const config = path.join(folder, 'docker-scan');
  await mkdir(config, { recursive: true, mode: 0o700 });
  const { login, refused } = await signedIn(context, images);
  const weaknesses = await scanImage(reference, { env, redactor, stop, folder: config, server: images.server, ...(login ? { login } : {}) }).catch((error: unknown) => {
    if (!(error instanceof TodoctlError) || !refused) throw error;
    const { code, message, details } = error;
    throw new TodoctlError(code, { message, details: [...details, `the registry was asked without credentials: ${refused}`], cause: error });
  });
  if (!weaknesses) {
    if (required) throw new TodoctlError('TODOCTL_SCANNER_MISSING');
    return { environment: context.environment, reference, scanned: false, weaknesses: [] };
  }
  const bad = forbidden(weaknesses);
  if (bad.length > 0) {
    throw new TodoctlError('TODOCTL_IMAGE_VULNERABLE', {
      message: `${reference} has ${bad.length === 1 ? 'a critical weakness that is' : `${bad.length} critical weaknesses that are`} fixed elsewhere`,
      details: bad.map(({ id, package: name, installed, fixed = '' }) => `${id} in ${name} ${installed}, fixed in ${fixed}`),
    });
  }
  return { environment: context.environment, reference, scanned: true, weaknesses };
}

/** What the registry is read with, or why that is not to be had: an image on this machine needs none. */
async function signedIn(context: Context, images: TargetImages): Promise<{ login?: Login; refused?: string }> {
  try {
    const home: ImageHome = await lookAt(context, await images.registry());
    const login = await home.signIn?.('read');
    return login ? { login } : {};
  } catch (error) {
    context.stop.throwIfAborted();
    if (error instanceof TodoctlError) return { refused: error.message };
    throw error;
  }
}
