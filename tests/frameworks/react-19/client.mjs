/** The client itself, for the tests that are not content with one that was made for them. */
export { AuthClient } from "propusk";
