/** The sentences of a paper kit. The terminal's kit, internal/client/kit.txt, says the same of a folder. */

export const KIT = {
  squares: "The squares hold the characters of this block, one square after the other.",
};

/** What stands at the head of a kit. The lines that are set in are commands; a test types them. */
export function kitWords(epoch: string, lastDay: string): string {
  return `A paper kit for key ${epoch}

This opens what was written to this key when there is no server any more, or nobody who runs
our program. It takes two members of the panel, each with their own identity file, and the
public age command, 1.3 or later (https://age-encryption.org). One alone opens nothing.

There is a block for each pair, in each order: the block "A then B" is opened by A first,
then by B. Put the two ids in the place of A and B.

1. A takes the block out of this file, opens it, and gives for-B.age to B, and to nobody
   else:

    sed -n '/^A then B$/,/^-----END/p' kit-${epoch}.txt | sed 1d > block.txt
    age -d -i A.txt -o for-B.age block.txt

   Without sed, copy the block into block.txt: all lines from BEGIN to END, these two with
   it. From paper, scan its squares one after the other and put what they hold together,
   with nothing between.

2. B runs this. epoch.txt is the key:

    age -d -i B.txt -o epoch.txt for-B.age

3. B opens sealed files with it, one by one:

    age -d -i epoch.txt -o opened.json SEALED.age

4. Remove block.txt, for-B.age and epoch.txt. Who keeps epoch.txt can read all of this key's
   words alone.

Nobody sees when this kit is used: no request stands in the log. Agree on who keeps copies,
and where. A kit is outside the server, so nothing there can destroy it. What was written to
this key is kept until ${lastDay}; when the panel destroys the key, burn or wipe every copy
of this kit.
`;
}
