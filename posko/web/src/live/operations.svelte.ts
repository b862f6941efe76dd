import type { Session } from '../accounts.ts'
import { Refusal } from '../http.ts'
import { choiceOf } from '../operations.ts'
import { SignedIn } from '../page/session.svelte.ts'
import type { Operation, OperationDetail } from '../records.ts'

/** Who is signed in here, and the operations in their scope. */
export class OperationSession extends SignedIn {
  operations: Operation[] | null = $state.raw(null)
  operation: OperationDetail | null = $state.raw(null)
  private chosen: number | null = null

  /** Loads the plan of an operation; again when its layout moved. An answer about one that was chosen before comes to nothing. */
  async choose(id: number): Promise<void> {
    this.chosen = id
    try {
      const found = await this.api.get<OperationDetail>(`/v1/operations/${id}`)
      if (id !== this.chosen) return
      this.operation = found
      this.problem = null
    } catch (error) {
      if (id === this.chosen || !(error instanceof Refusal)) this.fail(error)
    }
  }

  protected override async enter(session: Session): Promise<void> {
    this.operations = choiceOf(await this.api.get<Operation[]>('/v1/operations'))
    await super.enter(session)
  }

  protected override forget(): void {
    super.forget()
    this.operations = this.operation = this.chosen = null
  }
}
