/** Uses one class of the main entry: tree shaking removes nearly everything else of the package. */
import { ChannelError } from "@fesa/channel";

console.log(new ChannelError("timeout", "round trips done").message);
