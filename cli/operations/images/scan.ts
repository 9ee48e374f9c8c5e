import { TodoctlError } from '../../errors/todoctl-error.ts';
import { mkdir } from 'node:fs/promises';
import { referenceOf } from '../../images/home.ts';
import { forbidden, scanImage, type Weakness } from '../../images/scan.ts';
import { imageTag } from '../../images/source-tags.ts';
import type { Context } from '../context.ts';
import { imagesOf } from './images-of.ts';

export interface ScanResult {
  environment: string;
  reference: string;
  /** False where there is no Trivy here. */
  scanned: boolean;
  weaknesses: readonly Weakness[];
}

/**
 * Scans the image of the sources, here or where it was pushed. Errors: TODOCTL_IMAGE_VULNERABLE by the policy;
 * TODOCTL_SCANNER_MISSING where Trivy is required and not here.
 */
export async function scanImages(context: Context, { require: required }: { require: boolean }): Promise<ScanResult> {
  const images = await imagesOf(context);
  const { tags, folder } = await images.wanted();
  const { env, redactor, stop } = images.given();
  const reference = referenceOf(images, imageTag(tags));
  const config = `${folder}/docker`;
  await mkdir(config, { recursive: true, mode: 0o700 });
  const weaknesses = await scanImage(reference, { env, redactor, stop, folder: config });
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
