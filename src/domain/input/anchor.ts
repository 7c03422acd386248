import type { InputPath } from '../../base/errors.ts';
import { codePointLength, sha256 } from '../anchor.ts';
import type { Fault } from './fault.ts';
import type { StatementInput } from './statement.ts';

export type AnchorInput = NonNullable<StatementInput['anchors']>[number];

/** Faults of the anchors of a statement. @param length of the source in code points; null if not known. */
export function anchorFaults(input: StatementInput, path: InputPath, length: number | null): Fault[] {
  return (input.anchors ?? []).flatMap((anchor, i) => {
    const at = [...path, 'anchors', i];
    return anchor.start === undefined || anchor.end === undefined
      ? locatorFaults(anchor, at)
      : spanFaults({ ...anchor, start: anchor.start, end: anchor.end }, at, length);
  });
}

/** Faults of an anchor without a whole span. */
function locatorFaults({ start, end, digest, exact, ...place }: AnchorInput, at: InputPath): Fault[] {
  if (start !== undefined) return [{ path: [...at, 'end'], message: 'is required where there is a start' }];
  if (end !== undefined) return [{ path: [...at, 'start'], message: 'is required where there is an end' }];
  const faults: Fault[] = [];
  if (place.page === undefined && place.paragraph === undefined && place.timeCode === undefined) {
    const message = 'needs a start and an end, or a page, paragraph or time code';
    faults.push({ path: at, message });
  }
  if (place.status !== undefined)
    faults.push({ path: [...at, 'status'], message: 'is only for an anchor with a start and an end' });
  if (exact !== undefined && digest !== undefined && sha256(exact) !== digest)
    faults.push({ path: [...at, 'digest'], message: 'is not the SHA-256 of exact' });
  return faults;
}

type SpanInput = AnchorInput & { readonly start: number; readonly end: number };

function spanFaults(
  { start, end, digest, exact, status }: SpanInput,
  at: InputPath,
  length: number | null,
): Fault[] {
  const faults: Fault[] = [];
  if (end <= start) faults.push({ path: [...at, 'end'], message: 'must be after start' });
  // The start and end of an anchor that was lost are those of a former text.
  if (status === undefined && length !== null && end > length) {
    faults.push({
      path: [...at, 'end'],
      message: `is after the end of the source, which has ${length} code points`,
    });
  }
  if (digest === undefined) {
    faults.push({ path: [...at, 'digest'], message: 'is required where there is a start and an end' });
  } else if (exact !== undefined) {
    if (codePointLength(exact) !== end - start) {
      faults.push({
        path: [...at, 'exact'],
        message: 'must have as many code points as the span from start to end',
      });
    } else if (sha256(exact) !== digest) {
      faults.push({ path: [...at, 'digest'], message: 'is not the SHA-256 of exact' });
    }
  }
  return faults;
}
