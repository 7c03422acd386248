import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';

interface Props {
  /** "statement" */
  readonly noun: string;
  readonly slug: string;
  readonly list: { readonly href: string; readonly name: string };
}

/** Says that the record has nothing of this kind with this slug. */
export function Missing({ noun, slug, list }: Props) {
  return (
    <div className="notice">
      <Heading title={`No such ${noun}`}>
        There is no {noun} “{slug}”
      </Heading>
      <p>
        Nothing in the record is ever deleted, so the address is mistyped or belongs to another record. See{' '}
        <Link href={list.href}>{list.name}</Link>.
      </p>
    </div>
  );
}

/** Says that the page has no such view. */
export function NoSuchView() {
  return (
    <div className="notice">
      <Heading title="Nothing here">There is nothing at this address</Heading>
      <p>
        See <Link href="/">all statements</Link>.
      </p>
    </div>
  );
}
