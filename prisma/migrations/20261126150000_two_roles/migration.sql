-- The role `admin` could do nothing that `recorder` could not.
ALTER TYPE "token_role" RENAME TO "token_role_old";
CREATE TYPE "token_role" AS ENUM ('reader', 'recorder');
ALTER TABLE "token" ALTER COLUMN "role" TYPE "token_role"
  USING (CASE "role" WHEN 'admin' THEN 'recorder' ELSE "role"::text END)::"token_role";
DROP TYPE "token_role_old";
