-- A statement that was retracted with its collection becomes current again when an import brings it again. One that a recorder has
-- retracted by itself stays retracted.
ALTER TABLE "statement" ADD COLUMN "is_reinstatable" BOOLEAN NOT NULL DEFAULT false;
