export { AuthClient, isAuthError } from "propusk";
