/** While a page's code is on its way. */
import { Loaded } from "../ui/notice.tsx";

export function PagePending() {
  return <Loaded state={{ kind: "loading" }}>{() => null}</Loaded>;
}
