"""An exact account of folders that nothing may change, taken with nothing but the operating system's calls."""

import hashlib
import os
import stat


def account(top, loose=()):
    """path -> everything about it but its access time; of files below `loose`, where others may make and remove hard
    links, not how many names they have and when that changed."""
    found = {}

    def add(path, is_loose):
        status = os.lstat(path)
        facts = {"mode": oct(status.st_mode), "owner": (status.st_uid, status.st_gid), "inode": status.st_ino,
                 "modified": status.st_mtime_ns,
                 "xattrs": [(name, os.getxattr(path, name, follow_symlinks=False))
                            for name in sorted(os.listxattr(path, follow_symlinks=False))]}
        is_directory = stat.S_ISDIR(status.st_mode)
        if not is_loose or is_directory:
            facts["changed"], facts["links"] = status.st_ctime_ns, status.st_nlink
        if stat.S_ISLNK(status.st_mode):
            facts["content"] = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            with open(path, "rb") as file:
                facts["content"] = hashlib.sha256(file.read()).hexdigest()
        elif is_directory:
            facts["content"] = sorted(os.listdir(path))
            for entry in facts["content"]:
                add(os.path.join(path, entry), is_loose)
        found[path] = facts

    for entry in sorted(os.listdir(top)):
        add(os.path.join(top, entry), entry in loose)
    found[top] = {"content": sorted(os.listdir(top))}
    return found


def differences(before, after):
    """A sentence for each path that is not what it was."""
    found = []
    for path in sorted(set(before) | set(after)):
        if path not in after:
            found.append(f"{path} is gone")
        elif path not in before:
            found.append(f"{path} is new")
        else:
            found += [f"{path}: {fact} was {before[path].get(fact)} and is {after[path].get(fact)}"
                      for fact in before[path] if before[path].get(fact) != after[path].get(fact)][:1]
    return found
